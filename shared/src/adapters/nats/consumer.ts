import { AckPolicy, DeliverPolicy } from "@nats-io/jetstream";
import { createInbox, type Msg, type NatsConnection, nanos } from "@nats-io/transport-node";
import type { Batch } from "../../event-bus.ts";
import type { Closable } from "../../lifecycle.ts";
import type { Log } from "../../log.ts";
import { parseEvent, toBatch } from "../parse-event.ts";
import { createGathering } from "./gathering.ts";
import { createPulls } from "./pulls.ts";
import { createRepair } from "./repair.ts";
import { type GovernanceStream, STREAM } from "./stream.ts";

export interface NatsConsumerOptions {
  connection: NatsConnection;
  stream: GovernanceStream;
  durable: string;
  handle: (batch: Batch) => Promise<void>;
  log: Log;
}

const BATCH = 500;
const GATHER_MS = 50;
const ACK_WAIT_MS = 30_000;
const WATCH_MS = 1_000;
const SILENCE_MS = 3_000;
const RETRY_MS = 1_000;
const TRIM_MS = 5_000;

const ACK = new TextEncoder().encode("+ACK");
const NAK = new TextEncoder().encode("-NAK");
const NAK_LATER = new TextEncoder().encode(`-NAK ${JSON.stringify({ delay: nanos(RETRY_MS) })}`);

/**
 * Resolves once the durable consumer exists; it then survives restarts of NATS and the loss of the consumer or the stream.
 * Pulls by itself instead of through the library's consumer, which waits as long as a pull lasts before it looks again
 * for a server that came back, and does not make a lost consumer anew.
 */
export async function startNatsConsumer({
  connection,
  stream,
  durable,
  handle,
  log,
}: NatsConsumerOptions): Promise<Closable> {
  const inbox = createInbox();
  const gathering = createGathering<Msg>({ max: BATCH, waitMs: GATHER_MS, deliver });
  const pulls = createPulls({ connection, inbox, durable });
  const repair = createRepair({ ensure: () => ensureConsumer(stream, durable), log: log.child({ durable }) });
  const pull = () => pulls.request(2 * BATCH - gathering.size);

  function receive(message: Msg): void {
    const heard = pulls.hear(message);
    if (heard === "fact") gathering.add(message);
    if (heard === "trouble") void repairAndPull();
    else pull();
  }

  async function repairAndPull(): Promise<void> {
    if (!(await repair())) return;
    pulls.forget();
    pull();
  }

  async function deliver(messages: readonly Msg[]): Promise<boolean> {
    try {
      await handle(toBatch(messages.map((message) => parseEvent(message.subject, message.string()))));
    } catch (error) {
      log.warn({ err: error, durable, count: messages.length }, "facts could not be handled, trying again");
      answer(messages, NAK_LATER);
      return false;
    }
    answer(messages, ACK);
    pull();
    return true;
  }

  function answer(messages: readonly Msg[], reply: Uint8Array): void {
    if (connection.isClosed()) return;
    for (const message of messages) message.respond(reply);
  }

  await ensureConsumer(stream, durable);
  const subscription = connection.subscribe(inbox, { callback: (_error, message) => receive(message) });
  pull();
  const watch = setInterval(() => {
    if (pulls.silentMs() > SILENCE_MS) void repairAndPull();
  }, WATCH_MS);
  const trim = setInterval(() => {
    stream.trim().catch((error: unknown) => log.debug({ err: error }, "could not trim the stream"));
  }, TRIM_MS);

  return {
    async close() {
      clearInterval(watch);
      clearInterval(trim);
      pulls.stop();
      const finished = gathering.close();
      // Draining takes what the server has sent already, so that it can be given back now and not after the ack wait.
      await subscription.drain().catch(() => undefined);
      answer([...(await finished), ...(await gathering.close())], NAK);
      if (!connection.isClosed()) await connection.flush().catch(() => undefined);
    },
  };
}

async function ensureConsumer(stream: GovernanceStream, durable: string): Promise<void> {
  await stream.ensure();
  await stream.manager.consumers.add(STREAM, {
    durable_name: durable,
    ack_policy: AckPolicy.Explicit,
    deliver_policy: DeliverPolicy.All,
    ack_wait: nanos(ACK_WAIT_MS),
    max_ack_pending: 8 * BATCH,
    max_deliver: -1,
  });
}
