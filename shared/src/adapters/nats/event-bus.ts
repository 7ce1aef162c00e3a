import type { NatsConnection } from "@nats-io/transport-node";
import type { Registry } from "prom-client";
import type { EventBus } from "../../event-bus.ts";
import { Scope } from "../../lifecycle.ts";
import type { Log } from "../../log.ts";
import { pingNats } from "./connection.ts";
import { startNatsConsumer } from "./consumer.ts";
import { createNatsFollowers } from "./follower.ts";
import { createOutbox } from "./outbox.ts";
import { createPacker } from "./packer.ts";
import { createNatsPublisher } from "./publisher.ts";
import { createRepair } from "./repair.ts";
import { openSpool, type SpoolSettings } from "./spool/spool.ts";
import { openGovernanceStream, STREAM } from "./stream.ts";
import { toWire } from "./wire-message.ts";

export interface NatsEventBusOptions {
  /** Stays the caller's to close, after the bus. */
  connection: NatsConnection;
  log: Log;
  /** Copies of the stream in a NATS cluster. */
  replicas?: number;
  /** Size of the stream at which publishing is refused. */
  maxBytes?: number;
  /** Milliseconds after which even a fact that nobody consumed is forgotten. */
  maxAgeMs?: number;
  /** Milliseconds `publish` waits for the acknowledgement. */
  ackMs?: number;
  /** Milliseconds `close` waits for what was told and is not kept yet. */
  flushMs?: number;
  /** Where what JetStream does not take is kept; without it, publishing is refused meanwhile. */
  spool?: SpoolSettings;
  /** Gets the figures of the spool. */
  registry?: Registry;
}

const DAY_MS = 86_400_000;

/** Resolves once the stream `GOVERNANCE` is there, however late JetStream comes; makes it anew when it is lost. */
export async function connectNatsEventBus(options: NatsEventBusOptions): Promise<EventBus> {
  const { connection, log, replicas = 1, maxBytes = 2 * 2 ** 30, maxAgeMs = 30 * DAY_MS } = options;
  const { ackMs = 1_000, flushMs = 5_000 } = options;
  const stream = await openGovernanceStream(connection, { replicas, maxBytes, maxAgeMs }, log);
  const repairStream = createRepair({ ensure: stream.ensure, log: log.child({ stream: STREAM }) });
  const onStreamMissing = () => void repairStream();
  const publisher = createNatsPublisher({ connection, timeoutMs: ackMs, onStreamMissing });
  const wireBytes = () => (connection.info?.max_payload ?? 2 ** 20) - HEADER_BYTES;
  const direct = createPacker(publisher.send);
  const spool =
    options.spool &&
    (await openSpool({
      ...options.spool,
      log,
      registry: options.registry,
      send: direct,
      sendPack: publisher.send,
      wireBytes,
    }));
  const send = spool?.send ?? direct;
  const outbox = createOutbox({ send, log });
  const consumers = new Scope();
  const followers = consumers.use(createNatsFollowers(connection, log));

  return {
    publish: async (subject, event) => send(toWire(subject, event, wireBytes())),
    tell(subject, event) {
      try {
        outbox.add(toWire(subject, event, wireBytes()));
      } catch (error) {
        log.error({ err: error, subject, id: event.id }, "an event can never be kept");
      }
    },
    get accepting() {
      return outbox.accepting && (spool?.accepting ?? true);
    },
    consume: async (durable, handle) =>
      consumers.use(await startNatsConsumer({ connection, stream, durable, handle, log })),
    follow: followers.add,
    async ping() {
      try {
        await pingNats(connection);
        await stream.manager.streams.info(STREAM);
      } catch (error) {
        if (!spool?.accepting) throw error;
      }
    },
    async close() {
      await consumers.close();
      await outbox.close(flushMs);
      publisher.close();
      await spool?.close();
    },
  };
}

// The message id and the headers' own lines count as payload.
const HEADER_BYTES = 1_024;
