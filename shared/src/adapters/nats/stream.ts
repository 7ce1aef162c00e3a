import { setTimeout as delay } from "node:timers/promises";
import {
  DiscardPolicy,
  JetStreamApiCodes,
  JetStreamApiError,
  type JetStreamManager,
  jetstreamManager,
  StorageType,
} from "@nats-io/jetstream";
import { type NatsConnection, nanos } from "@nats-io/transport-node";
import type { Log } from "../../log.ts";

export const STREAM = "GOVERNANCE";
export const SUBJECTS = "governance.>";

const MINUTE_MS = 60_000;
/** For so long the stream takes an event with an id that it knows for a repeat. */
export const DUPLICATE_WINDOW_MS = 10 * MINUTE_MS;
const REQUEST_MS = 2_000;
const RETRY_MS = 500;
/**
 * How long a missing stream stays missing. nats-server removes the files of a deleted stream after it has forgotten it:
 * one of the same name made meanwhile loses its folder, stays listed, and acknowledges nothing until it is deleted too.
 */
const DELETION_MS = 500;

export interface StreamLimits {
  replicas: number;
  maxBytes: number;
  /** Milliseconds after which even a fact that nobody consumed is forgotten. */
  maxAgeMs: number;
}

export interface GovernanceStream {
  readonly manager: JetStreamManager;
  /** Resolves once the stream exists with its limits; concurrent calls share one attempt. */
  ensure(): Promise<void>;
  /** Makes room: forgets what every durable consumer has acknowledged, once the stream is more than half full. */
  trim(): Promise<void>;
}

/** Resolves once the stream is there, however late JetStream comes. */
export async function openGovernanceStream(
  connection: NatsConnection,
  limits: StreamLimits,
  log: Log,
): Promise<GovernanceStream> {
  const manager = await jetstreamManager(connection, { checkAPI: false, timeout: REQUEST_MS });
  let attempt: Promise<void> | undefined;
  const stream: GovernanceStream = {
    manager,
    ensure() {
      attempt ??= createOrUpdate(manager, limits, log).finally(() => {
        attempt = undefined;
      });
      return attempt;
    },
    trim: () => trim(manager),
  };
  await untilEnsured(stream, log);
  return stream;
}

async function untilEnsured(stream: GovernanceStream, log: Log): Promise<void> {
  for (let tries = 0; ; tries++) {
    try {
      return await stream.ensure();
    } catch (error) {
      if (tries === 0) log.warn({ err: error, stream: STREAM }, "waiting for JetStream");
      await delay(RETRY_MS);
    }
  }
}

async function createOrUpdate(manager: JetStreamManager, limits: StreamLimits, log: Log): Promise<void> {
  const wanted = {
    subjects: [SUBJECTS],
    num_replicas: limits.replicas,
    max_bytes: limits.maxBytes,
    max_age: nanos(limits.maxAgeMs),
    duplicate_window: nanos(DUPLICATE_WINDOW_MS),
    discard: DiscardPolicy.New,
  };
  if (await isThere(manager)) {
    await manager.streams.update(STREAM, wanted).catch((cause: unknown) => {
      if (isMissing(cause)) throw cause;
      // A stream with other settings is still one that keeps facts.
      log.warn({ err: cause, stream: STREAM }, "kept the stream's settings, which differ from ours");
    });
    return;
  }
  await delay(DELETION_MS);
  await manager.streams.add({ name: STREAM, storage: StorageType.File, ...wanted });
}

async function isThere(manager: JetStreamManager): Promise<boolean> {
  try {
    await manager.streams.info(STREAM);
    return true;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}

async function trim(manager: JetStreamManager): Promise<void> {
  const { state, config } = await manager.streams.info(STREAM);
  if (state.bytes < config.max_bytes / 2) return;
  let acknowledged = Number.POSITIVE_INFINITY;
  for await (const consumer of manager.consumers.list(STREAM)) {
    if (consumer.config.durable_name) acknowledged = Math.min(acknowledged, consumer.ack_floor.stream_seq);
  }
  if (acknowledged < state.first_seq || !Number.isFinite(acknowledged)) return;
  await manager.streams.purge(STREAM, { seq: acknowledged + 1 });
}

function isMissing(error: unknown): boolean {
  return error instanceof JetStreamApiError && error.code === JetStreamApiCodes.StreamNotFound;
}
