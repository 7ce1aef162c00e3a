import { randomUUID } from "node:crypto";
import type { DecisionRequest } from "@mcp-governance-bridge/shared";

type Values = Readonly<Record<string, unknown>>;

/** The server whose tool the benchmark calls, and the tool. */
export const SERVER = "bank";
const TOOL = "transfer";

/** Rules of each number that apply to the call: one by its name, one with a condition over its arguments. */
const APPLYING: readonly Values[] = [
  { id: "no-guests", effect: "deny", tools: [TOOL], principals: ["guest-*"] },
  { id: "big", effect: "deny", tools: ["trans*"], when: "has(args.amount) && args.amount > 1000" },
];

/** So many rules, all but two of them about other tools. */
export function rules(count: number): Values[] {
  const others = Array.from({ length: count - APPLYING.length }, (_, index) => ({
    id: `other-${index}`,
    effect: index % 3 === 0 ? "allow" : "deny",
    tools: [index % 2 === 0 ? `tool-${index}` : `tool-${index}-*`],
    ...(index % 5 === 0 && { when: "args.amount > 10" }),
  }));
  return [...others, ...APPLYING];
}

/** What the server's `governance` says besides its rules: two packs, the seed's limit, and a limit per principal. */
export const governance: Values = {
  rate_limit: 1_000_000_000,
  pattern_packs: ["credentials", "destructive-sql"],
  limits: [{ id: "fair", by: ["principal"], permits: { minute: 1_000_000_000 } }],
};

const WORDS = "Please transfer the agreed amount for the invoice of November to the supplier in Oslo, as every month. ";

/** Arguments of 1 KiB as JSON text, in which no pattern is found. */
const someArguments = {
  amount: 250,
  currency: "EUR",
  to: { name: "Nordic Parts AS", country: "NO" },
  note: WORDS.repeat(10).slice(0, 936),
};

/** One call that every rule permits. */
export function aRequest(): DecisionRequest {
  return {
    callId: randomUUID(),
    sessionId: "session-1",
    principal: "ada",
    roles: ["clerk"],
    client: { name: "bench", version: "1.0.0" },
    server: SERVER,
    method: "tools/call",
    target: TOOL,
    arguments: someArguments,
  };
}
