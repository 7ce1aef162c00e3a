import type { Closable, Log } from "@mcp-governance-bridge/shared";
import { headers, type Msg, type NatsConnection } from "@nats-io/transport-node";

/** The answer to the bytes of one request. Throws a RequestProblem for what is no question. */
export type Answerer = (data: Uint8Array) => Promise<unknown>;

export interface AnswersOptions {
  connection: NatsConnection;
  log: Log;
  subject: string;
  answer: Answerer;
}

/** A request that is not what its subject is for. */
export class RequestProblem extends Error {
  override readonly name = "RequestProblem";
}

const QUEUE = "policy";
const DECODER = new TextDecoder();

/**
 * Answers requests on one subject with JSON, and with the headers by which NATS services tell an error: 400 for what is no
 * question, 500 for a fault of ours. An empty request, which only asks whether anybody is there, has an empty answer.
 * `close` resolves once everything taken is answered.
 */
export function answerRequests({ connection, log, subject, answer }: AnswersOptions): Closable {
  const answering = new Set<Promise<void>>();

  async function respond(message: Msg): Promise<void> {
    if (message.data.length === 0) return void message.respond("");
    try {
      message.respond(JSON.stringify(await answer(message.data)));
    } catch (error) {
      const isProblem = error instanceof RequestProblem;
      log.error({ err: error, subject }, isProblem ? "a request cannot be read" : "a request could not be answered");
      const failure = isProblem ? failureOf(400, "the request cannot be read") : failureOf(500, "the request failed");
      message.respond("", { headers: failure });
    }
  }

  const subscription = connection.subscribe(subject, {
    queue: QUEUE,
    callback: (error, message) => {
      if (error) {
        log.error({ err: error, subject }, "the subscription failed");
        return;
      }
      const answered = respond(message)
        .catch((cause: unknown) => log.error({ err: cause, subject }, "an answer could not be sent"))
        .finally(() => answering.delete(answered));
      answering.add(answered);
    },
  });

  return {
    async close() {
      await subscription.drain();
      await Promise.all(answering);
    },
  };
}

/** The JSON in some bytes; `undefined` for what is none. */
export function jsonIn(data: Uint8Array): unknown {
  try {
    return JSON.parse(DECODER.decode(data));
  } catch {
    return undefined;
  }
}

function failureOf(code: number, description: string): ReturnType<typeof headers> {
  const told = headers(code, description);
  told.set("Nats-Service-Error-Code", String(code));
  told.set("Nats-Service-Error", description);
  return told;
}
