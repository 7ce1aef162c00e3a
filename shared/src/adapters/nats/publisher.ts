import { createInbox, headers, type Msg, type NatsConnection } from "@nats-io/transport-node";
import { parseJson } from "../parse-event.ts";
import { unavailable } from "../unavailable.ts";
import { createWaiting } from "./waiting.ts";

/** One message as JetStream is to keep it. */
export interface Message {
  subject: string;
  /** Message id: JetStream keeps one of those that carry the same. */
  id: string;
  payload: string;
}

export interface NatsPublisher {
  /** Resolves with JetStream's acknowledgement; rejects with `audit.unavailable`. Calls do not wait for each other. */
  send(message: Message): Promise<void>;
  close(): void;
}

export interface NatsPublisherOptions {
  connection: NatsConnection;
  timeoutMs: number;
  /** Called when JetStream is there but nobody listens on the subject, and after each reconnection. */
  onStreamMissing: () => void;
}

/** One inbox for all acknowledgements: a request object and a timer for each cost more than the publish. */
export function createNatsPublisher({ connection, timeoutMs, onStreamMissing }: NatsPublisherOptions): NatsPublisher {
  const inbox = `${createInbox()}.`;
  const waiting = createWaiting(timeoutMs);
  let connected = true;

  const subscription = connection.subscribe(`${inbox}*`, {
    callback: (_error, message) => {
      const problem = problemOf(message);
      waiting.settle(message.subject.slice(inbox.length), problem);
      if (problem === NO_STREAM) onStreamMissing();
    },
  });

  function loseConnection(): void {
    connected = false;
    waiting.fail("the connection to NATS was lost");
  }

  function regainConnection(): void {
    connected = true;
    onStreamMissing();
  }
  void follow(connection, { disconnect: loseConnection, reconnect: regainConnection });

  return {
    send({ subject, id, payload }) {
      if (!connected) return Promise.reject(unavailable("NATS is not connected"));
      const { token, settled } = waiting.add();
      const messageHeaders = headers();
      messageHeaders.set("Nats-Msg-Id", id);
      try {
        connection.publish(subject, payload, { reply: inbox + token, headers: messageHeaders });
      } catch (cause) {
        waiting.settle(token, `NATS refused the event: ${cause instanceof Error ? cause.message : cause}`);
      }
      return settled;
    },
    close() {
      subscription.unsubscribe();
      loseConnection();
      waiting.close();
    },
  };
}

const NO_STREAM = "JetStream has no stream for the event";

function problemOf(message: Msg): string | undefined {
  if (message.headers?.code === 503) return NO_STREAM;
  const ack = parseJson(message.string()) as { error?: { description?: string } } | undefined;
  if (!ack) return "JetStream's acknowledgement is not JSON";
  return ack.error && `JetStream refused the event: ${ack.error.description}`;
}

async function follow(
  connection: NatsConnection,
  handlers: Readonly<Record<"disconnect" | "reconnect", () => void>>,
): Promise<void> {
  for await (const { type } of connection.status()) {
    if (type === "disconnect" || type === "reconnect") handlers[type]();
    if (type === "close") handlers.disconnect();
  }
}
