import { setTimeout as delay } from "node:timers/promises";
import { type Closable, DecisionRequest, type Log } from "@mcp-governance-bridge/shared";
import { headers, type Msg, type NatsConnection } from "@nats-io/transport-node";
import { z } from "zod";
import { type DecisionPoint, denyUnreadable } from "../decision-point.ts";

export interface DecisionServerOptions {
  connection: NatsConnection;
  decisionPoint: DecisionPoint;
  log: Log;
  /** Another subject than `policy.decide`, where several systems share one NATS. */
  subject?: string;
}

const SUBJECT = "policy.decide";
const QUEUE = "policy";
const DRAIN_MS = 2_000;

const Identified = z.object({ callId: z.uuid() });

/**
 * Answers `policy.decide`; replicas in the queue group share the calls. Resolves once NATS knows of it.
 * `close` takes no more requests and answers those it has; the connection stays open.
 */
export async function serveDecisions(options: DecisionServerOptions): Promise<Closable> {
  const { connection, decisionPoint, log, subject = SUBJECT } = options;
  const answering = new Set<Promise<void>>();

  async function answer(message: Msg): Promise<void> {
    // Nothing asked: somebody who wants to know whether anybody is here.
    if (message.data.length === 0) return void message.respond("");
    const body = parse(message);
    const request = DecisionRequest.safeParse(body);
    if (request.success) {
      message.respond(JSON.stringify(await decisionPoint.decide(request.data)));
      return;
    }
    log.error({ problem: z.prettifyError(request.error) }, "a decision request cannot be read");
    if (Identified.safeParse(body).success) message.respond(JSON.stringify(denyUnreadable()));
    else message.respond("", { headers: unreadable() });
  }

  const subscription = connection.subscribe(subject, {
    queue: QUEUE,
    callback: (error, message) => {
      if (error) {
        log.error({ err: error }, "the subscription failed");
        return;
      }
      const answered = answer(message)
        .catch((cause: unknown) => log.error({ err: cause }, "a decision could not be sent"))
        .finally(() => answering.delete(answered));
      answering.add(answered);
    },
  });
  await connection.flush();

  return {
    async close() {
      const drained = subscription.drain().then(() => Promise.all(answering));
      // Without a connection there is nobody to drain for.
      await Promise.race([drained, delay(DRAIN_MS, undefined, { ref: false })]);
    },
  };
}

function parse(message: Msg): unknown {
  try {
    return message.json();
  } catch {
    return undefined;
  }
}

/** The headers by which NATS services tell an error. */
function unreadable(): ReturnType<typeof headers> {
  const told = headers(400, "the decision request cannot be read");
  told.set("Nats-Service-Error-Code", "400");
  told.set("Nats-Service-Error", "the decision request cannot be read");
  return told;
}
