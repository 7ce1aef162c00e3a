import { Decision, GovernanceError, type Log, Visibility } from "@mcp-governance-bridge/shared";
import { errors, type Msg, type NatsConnection } from "@nats-io/transport-node";
import type { z } from "zod";
import type { Ask, DecisionPoint } from "../ports.ts";
import { createRevisionWatch } from "./revision-watch.ts";

export interface NatsDecisionPointOptions {
  /** Stays the caller's to close. */
  connection: NatsConnection;
  log: Log;
  /** Milliseconds to wait for an answer. */
  timeoutMs?: number;
  /** Other subjects than the usual, where several systems share one NATS. */
  subjects?: Partial<typeof SUBJECTS>;
}

const SUBJECTS = {
  decide: "policy.decide",
  completed: "policy.completed",
  visible: "policy.visible",
  revisions: "control.policy",
};

/** Asks whichever replica of the policy service is free. */
export function createNatsDecisionPoint(options: NatsDecisionPointOptions): DecisionPoint {
  const { connection, log, timeoutMs = 1_000 } = options;
  const subjects = { ...SUBJECTS, ...options.subjects };
  const revisions = createRevisionWatch();
  const subscription = connection.subscribe(subjects.revisions, {
    callback: (error, message) => {
      if (error) log.error({ err: error }, "revisions of the policy are not heard of");
      else revisions.announced(message.string());
    },
  });

  async function request(subject: string, body: string): Promise<Msg> {
    try {
      return await connection.request(subject, body, { timeout: timeoutMs });
    } catch (cause) {
      throw unavailable(cause, timeoutMs);
    }
  }

  async function ask<T>(subject: string, body: string, { schema, what }: Expected<T>): Promise<T> {
    const reply = await request(subject, body);
    const answer = parsed(reply, schema);
    if (answer !== undefined) return answer;
    log.error({ subject, reply: reply.string() }, `the policy service's answer is no ${what}`);
    // A fault, and no outage: nothing may be permitted for it.
    throw new GovernanceError("internal", `the policy service's answer is no ${what}`);
  }

  return {
    async decide(asked) {
      const decision = await ask(subjects.decide, toBody(asked), DECISION);
      revisions.seen(decision.revision);
      return decision;
    },
    async completed(report) {
      const reply = await request(subjects.completed, JSON.stringify(report));
      if (reply.headers?.get("Nats-Service-Error") || reply.string() !== "{}") {
        throw new GovernanceError("policy.unavailable", "the policy service did not keep the end of the call");
      }
    },
    async visible(query) {
      const visibility = await ask(subjects.visible, JSON.stringify(query), VISIBILITY);
      revisions.seen(visibility.revision);
      return visibility;
    },
    onRevision: revisions.onRevision,
    async ping() {
      // An empty request asks nothing, and is answered by whoever is there.
      await request(subjects.decide, "");
    },
    async close() {
      subscription.unsubscribe();
    },
  };
}

interface Expected<T> {
  schema: z.ZodType<T>;
  what: string;
}

const DECISION: Expected<Decision> = { schema: Decision, what: "decision" };
const VISIBILITY: Expected<Visibility> = { schema: Visibility, what: "list of what is visible" };

/** The arguments go as the text they came as: their numbers and names need not survive a parser of ours. */
function toBody({ argumentsText, arguments: _, ...rest }: Ask): string {
  return `${JSON.stringify(rest).slice(0, -1)},"arguments":${argumentsText || "null"}}`;
}

function parsed<T>(reply: Msg, schema: z.ZodType<T>): T | undefined {
  try {
    return schema.safeParse(reply.json()).data;
  } catch {
    return undefined;
  }
}

/** A call too large to be asked about is no outage: whoever makes it so must not gain from it. */
function unavailable(cause: unknown, timeoutMs: number): GovernanceError {
  if (cause instanceof errors.InvalidArgumentError) {
    const why = "the policy service cannot be asked: the call is larger than NATS's max_payload";
    return new GovernanceError("message.too_large", why, { cause });
  }
  return new GovernanceError("policy.unavailable", `the policy service ${reasonOf(cause, timeoutMs)}`, { cause });
}

function reasonOf(cause: unknown, timeoutMs: number): string {
  if (cause instanceof errors.NoRespondersError) return "is not running";
  if (cause instanceof errors.RequestError && cause.isNoResponders()) return "is not running";
  if (cause instanceof errors.TimeoutError) return `gave no decision in ${timeoutMs} ms`;
  return `cannot be reached: ${cause instanceof Error ? cause.message : String(cause)}`;
}
