import { AckPolicy, DeliverPolicy, JetStreamApiError } from "@nats-io/jetstream";
import { createInbox, type Msg, type NatsConnection, nanos } from "@nats-io/transport-node";
import type { Batch, Consumer } from "../../event-bus.ts";
import type { Log } from "../../log.ts";
import { createDelivery } from "./delivery.ts";
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

/** Messages handled together; each may hold many facts. */
const BATCH = 200;
const GATHER_MS = 50;
/** A consumer that lives says so every `WATCH_MS`; one that was killed holds its facts back for no longer than this. */
const ACK_WAIT_MS = 5_000;
const WATCH_MS = 1_000;
const SILENCE_MS = 3_000;
const TRIM_MS = 5_000;
const CONSUMER_EXISTS = 10_148;

/**
 * Resolves once the durable consumer exists; it then survives restarts of NATS and the loss of the consumer or the stream.
 * Pulls by itself instead of through the library's consumer, which waits as long as a pull lasts before it looks again
 * for a server that came back, and does not make a lost consumer anew.
 */
export async function startNatsConsumer(options: NatsConsumerOptions): Promise<Consumer> {
  const { connection, stream, durable, handle, log } = options;
  const inbox = createInbox();
  const own = log.child({ durable });
  const delivery = createDelivery({ connection, handle, log: own });
  const gathering = createGathering<Msg>({ max: BATCH, waitMs: GATHER_MS, deliver });
  const pulls = createPulls({ connection, inbox, durable });
  const repair = createRepair({ ensure: () => ensureConsumer(stream, durable), log: own });
  const pull = () => pulls.request(2 * BATCH - gathering.waiting.length);

  function receive(message: Msg): void {
    const heard = pulls.hear(message);
    if (heard === "fact") gathering.add(message);
    if (heard === "trouble") void repairAndPull();
    else pull();
  }

  async function deliver(messages: readonly Msg[]): Promise<boolean> {
    const delivered = await delivery.deliver(messages);
    if (delivered) pull();
    return delivered;
  }

  async function repairAndPull(): Promise<void> {
    if (!(await repair())) return;
    pulls.forget();
    pull();
  }

  await ensureConsumer(stream, durable);
  const subscription = connection.subscribe(inbox, { callback: (_error, message) => receive(message) });
  pull();
  const watch = setInterval(() => {
    delivery.keep(gathering.waiting);
    if (pulls.silentMs() > SILENCE_MS) void repairAndPull();
  }, WATCH_MS);
  const trim = setInterval(() => {
    stream.trim().catch((error: unknown) => log.debug({ err: error }, "could not trim the stream"));
  }, TRIM_MS);

  return {
    async backlog() {
      // What is gathered or in hand here is not acknowledged yet, so the server counts it.
      const { num_pending, num_ack_pending } = await stream.manager.consumers.info(STREAM, durable);
      return { waiting: num_pending + num_ack_pending, unit: "messages" };
    },
    async close() {
      clearInterval(watch);
      clearInterval(trim);
      pulls.stop();
      const finished = gathering.close();
      // Draining takes what the server has sent already, so that it can be given back now and not after the ack wait.
      await subscription.drain().catch(() => undefined);
      delivery.giveBack([...(await finished), ...(await gathering.close())]);
      if (!connection.isClosed()) await connection.flush().catch(() => undefined);
    },
  };
}

async function ensureConsumer(stream: GovernanceStream, durable: string): Promise<void> {
  await stream.ensure();
  const { consumers } = stream.manager;
  const changeable = { ack_wait: nanos(ACK_WAIT_MS), max_ack_pending: 20 * BATCH, max_deliver: -1 };
  const fixed = { durable_name: durable, ack_policy: AckPolicy.Explicit, deliver_policy: DeliverPolicy.All };
  try {
    await consumers.add(STREAM, { ...fixed, ...changeable });
  } catch (error) {
    if (!(error instanceof JetStreamApiError && error.code === CONSUMER_EXISTS)) throw error;
    // Made by an earlier release with other settings.
    await consumers.update(STREAM, durable, changeable);
  }
}
