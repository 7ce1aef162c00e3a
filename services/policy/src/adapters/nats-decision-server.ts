import { setTimeout as delay } from "node:timers/promises";
import {
  type Closable,
  CompletionReport,
  DecisionRequest,
  GovernanceError,
  type Log,
  type PolicyAnswer,
  PolicyQuestion,
  VisibilityQuery,
} from "@mcp-governance-bridge/shared";
import type { NatsConnection } from "@nats-io/transport-node";
import { z } from "zod";
import { denyUnreadable } from "../decision-point.ts";
import { LARGE } from "../large/large-evaluator.ts";
import type { PolicyService } from "../policy-service.ts";
import { type Answerer, answerRequests, jsonIn, RequestProblem } from "./nats-answers.ts";
import { splitRequest } from "./split-request.ts";

export interface DecisionServerOptions {
  connection: NatsConnection;
  policy: Pick<PolicyService, "decide" | "completed" | "visible" | "admin" | "onRevision">;
  log: Log;
  /** Other subjects than the usual, where several systems share one NATS. */
  subjects?: Partial<typeof SUBJECTS>;
}

const SUBJECTS = {
  decide: "policy.decide",
  completed: "policy.completed",
  visible: "policy.visible",
  admin: "policy.admin",
  revisions: "control.policy",
};

const DRAIN_MS = 2_000;

const Identified = z.object({ callId: z.uuid() });

/**
 * Answers what gateways and the governance API ask; replicas in the queue group share the requests. Broadcasts each revision
 * that comes into force here. Resolves once NATS knows of it. `close` takes no more requests and answers those it has; the
 * connection stays open.
 */
export async function serveDecisions(options: DecisionServerOptions): Promise<Closable> {
  const { connection, policy, log } = options;
  const subjects = { ...SUBJECTS, ...options.subjects };
  const answerers: [subject: string, answer: Answerer][] = [
    [subjects.decide, (data) => decide(policy, data, log)],
    [subjects.completed, async (data) => policy.completed(understood(CompletionReport, data)).then(() => ({}))],
    [subjects.visible, async (data) => policy.visible(understood(VisibilityQuery, data))],
    [subjects.admin, (data) => answerAdmin(policy.admin.ask, data)],
  ];
  const served = answerers.map(([subject, answer]) => answerRequests({ connection, log, subject, answer }));
  policy.onRevision((revision) => {
    if (!connection.isClosed()) connection.publish(subjects.revisions, JSON.stringify({ revision }));
  });
  await connection.flush();

  return {
    async close() {
      const drained = Promise.all(served.map((one) => one.close()));
      // Without a connection there is nobody to drain for.
      await Promise.race([drained, delay(DRAIN_MS, undefined, { ref: false })]);
    },
  };
}

/** A request that cannot be read is denied where at least its call is known. */
async function decide(policy: DecisionServerOptions["policy"], data: Uint8Array, log: Log): Promise<unknown> {
  const apart = data.length < LARGE ? undefined : splitRequest(data);
  const isLarge = apart !== undefined && apart.argumentsText.length >= LARGE;
  const body = isLarge ? { ...apart.head, arguments: undefined } : jsonIn(data);
  const request = DecisionRequest.safeParse(body);
  if (request.success) {
    return policy.decide(isLarge ? { ...request.data, argumentsText: apart.argumentsText } : request.data);
  }
  if (!Identified.safeParse(body).success) throw new RequestProblem(z.prettifyError(request.error));
  log.error({ problem: z.prettifyError(request.error) }, "a decision request cannot be read");
  return denyUnreadable();
}

async function answerAdmin(
  ask: (question: PolicyQuestion) => Promise<unknown>,
  data: Uint8Array,
): Promise<PolicyAnswer> {
  const question = understood(PolicyQuestion, data);
  try {
    return { ok: true, data: (await ask(question)) ?? null };
  } catch (cause) {
    const { code, message } = GovernanceError.from(cause);
    if (code === "internal") throw cause;
    return { ok: false, code, error: message };
  }
}

function understood<Schema extends z.ZodType>(schema: Schema, data: Uint8Array): z.infer<Schema> {
  const result = schema.safeParse(jsonIn(data));
  if (result.success) return result.data;
  throw new RequestProblem(z.prettifyError(result.error));
}
