import { Decision, GovernanceError, type Log } from "@mcp-governance-bridge/shared";
import { errors, type Msg, type NatsConnection } from "@nats-io/transport-node";
import type { Ask, DecisionPoint } from "../ports.ts";

export interface NatsDecisionPointOptions {
  /** Stays the caller's to close. */
  connection: NatsConnection;
  log: Log;
  /** Milliseconds to wait for a decision. */
  timeoutMs?: number;
  subject?: string;
}

/** Asks whichever replica of the policy service is free. */
export function createNatsDecisionPoint(options: NatsDecisionPointOptions): DecisionPoint {
  const { connection, log, timeoutMs = 1_000, subject = "policy.decide" } = options;

  async function request(body: string): Promise<Msg> {
    try {
      return await connection.request(subject, body, { timeout: timeoutMs });
    } catch (cause) {
      throw new GovernanceError("policy.unavailable", `the policy service ${reasonOf(cause, timeoutMs)}`, { cause });
    }
  }

  return {
    async decide(ask) {
      const reply = await request(toBody(ask));
      const decision = parseDecision(reply);
      if (decision) return decision;
      log.error({ callId: ask.callId, reply: reply.string() }, "the policy service's answer is no decision");
      throw new GovernanceError("policy.unavailable", "the policy service's answer is no decision");
    },
    async ping() {
      // An empty request asks nothing, and is answered by whoever is there.
      await request("");
    },
    close: async () => undefined,
  };
}

/** The arguments go as the text they came as: their numbers and names need not survive a parser of ours. */
function toBody({ argumentsText, arguments: _, ...rest }: Ask): string {
  return `${JSON.stringify(rest).slice(0, -1)},"arguments":${argumentsText || "null"}}`;
}

function parseDecision(reply: Msg): Decision | undefined {
  try {
    return Decision.safeParse(reply.json()).data;
  } catch {
    return undefined;
  }
}

function reasonOf(cause: unknown, timeoutMs: number): string {
  if (cause instanceof errors.InvalidArgumentError)
    return "cannot be asked: the call is larger than NATS's max_payload";
  if (cause instanceof errors.NoRespondersError) return "is not running";
  if (cause instanceof errors.RequestError && cause.isNoResponders()) return "is not running";
  if (cause instanceof errors.TimeoutError) return `gave no decision in ${timeoutMs} ms`;
  return `cannot be reached: ${cause instanceof Error ? cause.message : String(cause)}`;
}
