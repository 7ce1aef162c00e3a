import type { EventOf, GovernedMethod, Published } from "@mcp-governance-bridge/shared";
import { randomNumbers, skewed, uuid } from "./random.ts";

export interface Traffic {
  seed: number;
  calls: number;
  /** When the last call was made. */
  until: Date;
}

const DAYS_MS = 30 * 86_400_000;
const SERVERS = 20;
const TOOLS_PER_SERVER = 10;
const PRINCIPALS = 50;
/** Sessions for so many calls each. */
const CALLS_PER_SESSION = 50;
/** Sessions that are open at a time. */
const OPEN_SESSIONS = 60;
const CLIENTS = ["inspector", "ide", "assistant", "batch", "cli"];
const OTHERS: readonly GovernedMethod[] = ["resources/read", "prompts/get", "completion/complete"];
const DENIALS = [
  { code: "rate_limit", rule: "rate_limit" },
  { code: "security_pattern", rule: "blocked_patterns" },
  { code: "policy_rule", rule: "policies.no-rain" },
] as const;
const WORDS = "the quick brown fox jumps over the lazy dog while it rains in Bern and snows in Zermatt ".repeat(4);

type Random = () => number;
type Decided = EventOf<"governance.call.decided">;
type Call = Pick<Decided, "callId" | "sessionId" | "principal" | "client" | "server" | "method" | "target"> &
  Pick<Decided, "protocolVersion" | "startedAt">;

export const serverName = (index: number): string => `server-${String(index).padStart(2, "0")}`;
export const toolName = (server: number, tool: number): string => `tool-${String(server * 10 + tool).padStart(3, "0")}`;
export const principalName = (index: number): string => `user-${String(index).padStart(2, "0")}@example.org`;
export const sessionName = (index: number): string => `session-${String(index).padStart(6, "0")}`;

/** The facts of calls over 30 days, call by call, in the order in which they were made. */
export function* trafficOf({ seed, calls, until }: Traffic): Iterable<Published[]> {
  const random = randomNumbers(seed);
  const start = until.getTime() - DAYS_MS;
  for (let index = 0; index < calls; index += 1) {
    const at = Math.floor(start + ((index + random()) / calls) * DAYS_MS);
    const session = sessionAt(index, random);
    const opened = index % CALLS_PER_SESSION === 0 ? [openedSession(index / CALLS_PER_SESSION, at)] : [];
    yield [...opened, ...factsOf(aCall(random, { at, session }), random)];
  }
}

function sessionAt(index: number, random: Random): number {
  return Math.max(0, Math.floor(index / CALLS_PER_SESSION - random() * OPEN_SESSIONS));
}

/** A session has one principal and one client. */
const principalOf = (session: number): string => principalName(skewed(randomNumbers(session), PRINCIPALS));
const clientOf = (session: number) => ({ name: CLIENTS[session % CLIENTS.length] ?? "", version: "1.0.0" });

function openedSession(session: number, at: number): Published {
  return {
    subject: "governance.session.opened",
    event: {
      id: `opened-${session}`,
      at: new Date(at).toISOString(),
      sessionId: sessionName(session),
      principal: principalOf(session),
      client: clientOf(session),
      protocolVersion: "2025-11-25",
      listener: "unified",
    },
  };
}

function aCall(random: Random, { at, session }: { at: number; session: number }): Call {
  const server = skewed(random, SERVERS);
  return {
    callId: uuid(random),
    sessionId: sessionName(session),
    principal: principalOf(session),
    client: clientOf(session),
    server: serverName(server),
    method: random() < 0.95 ? "tools/call" : (OTHERS[Math.floor(random() * OTHERS.length)] ?? "tools/call"),
    target: toolName(server, skewed(random, TOOLS_PER_SERVER)),
    protocolVersion: "2025-11-25",
    startedAt: new Date(at).toISOString(),
  };
}

const DENIED = 0.04;
const FAILED = 0.03;
const LOST = 0.002;

function factsOf(call: Call, random: Random): Published[] {
  const fate = random();
  const decisionId = uuid(random);
  const denial = fate < DENIED ? DENIALS[Math.floor(random() * DENIALS.length)] : undefined;
  const base = { decisionId, revision: "r1-0123456789ab", facts: null, shadows: [], degraded: [] };
  const decision: Decided["decision"] = denial
    ? { effect: "deny", ...base, ...denial, rule: `${call.server}.${denial.rule}`, reason: "Denied by the benchmark" }
    : { effect: "permit", ...base, rule: null, obligations: [] };
  const decided: Decided = {
    ...call,
    id: `decided-${call.callId}`,
    at: call.startedAt,
    roles: [],
    annotations: null,
    decision,
    policyMs: 0.2 + random(),
    inputs: aPayload({ query: textOf(random, 100) }),
    deploymentMode: "hybrid",
    recording: "full",
    counted: true,
  };
  const first: Published = { subject: "governance.call.decided", event: decided };
  return denial ? [first] : [first, completion(call, { decisionId, fate, random })];
}

interface End {
  decisionId: string;
  fate: number;
  random: Random;
}

function completion(call: Call, { decisionId, fate, random }: End): Published {
  const upstreamMs = 2 + 400 * random() ** 4;
  const status = fate < DENIED + FAILED ? "error" : fate < DENIED + FAILED + LOST ? "unknown" : "success";
  return {
    subject: "governance.call.completed",
    event: {
      ...call,
      id: `completed-${call.callId}`,
      at: new Date(Date.parse(call.startedAt) + upstreamMs + 1).toISOString(),
      decisionId,
      status,
      outcome: { transport: status === "unknown" ? "lost" : "ok", rpc: null, toolError: status === "error" },
      errorMessage: status === "error" ? "the upstream said no" : null,
      durationMs: upstreamMs + 1,
      upstreamMs,
      gatewayMs: 0.4,
      outputs: aPayload({ content: [{ type: "text", text: textOf(random, 150) }] }),
      masked: [],
      recording: "full",
    },
  };
}

function textOf(random: Random, length: number): string {
  const from = Math.floor(random() * 80);
  return WORDS.slice(from, from + length);
}

function aPayload(value: unknown) {
  const text = JSON.stringify(value);
  return { text, size: text.length, truncated: false };
}
