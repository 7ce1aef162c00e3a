import { type KV, Kvm } from "@nats-io/kv";
import type { NatsConnection } from "@nats-io/transport-node";
import type { Log } from "../../log.ts";

export interface BucketOptions {
  /** Stays the caller's to close. */
  connection: NatsConnection;
  log: Log;
  bucket: string;
  /** Milliseconds after which what was put is forgotten; never where it is missing. */
  ttlMs?: number;
  /** Copies in a NATS cluster. */
  replicas?: number;
}

/** Does something with the bucket, which is made when it is first used, and anew when it was lost. Rejects as the action does. */
export type UseBucket = <T>(action: (bucket: KV) => Promise<T>) => Promise<T>;

/** A JetStream key-value bucket with one value a key. What one replica has put is found by every other at once. */
export function createBucket({ connection, log, bucket, ttlMs, replicas = 1 }: BucketOptions): UseBucket {
  const manager = new Kvm(connection);
  let opening: Promise<KV> | undefined;

  async function open(): Promise<KV> {
    // A direct read may be answered by a copy that has not heard yet.
    const settings = { history: 1, replicas, allow_direct: false, ...(ttlMs !== undefined && { ttl: ttlMs }) };
    return manager.create(bucket, settings).catch((error: unknown) => {
      log.warn({ err: error, bucket }, "kept the bucket's settings, which differ from ours");
      return manager.open(bucket, { allow_direct: false });
    });
  }

  return async (action) => {
    try {
      opening ??= open();
      return await action(await opening);
    } catch (error) {
      opening = undefined;
      throw error;
    }
  };
}
