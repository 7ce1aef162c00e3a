import { ClientInfo, GovernanceError, type Log } from "@mcp-governance-bridge/shared";
import { type KV, type KvEntry, Kvm } from "@nats-io/kv";
import type { NatsConnection } from "@nats-io/transport-node";
import { z } from "zod";
import type { SessionState, SessionStore } from "../ports.ts";

export interface NatsSessionStoreOptions {
  /** Stays the caller's to close. */
  connection: NatsConnection;
  log: Log;
  /** Milliseconds after its last use at which a session ends, give or take half of it. */
  ttlMs: number;
  replicas?: number;
  bucket?: string;
}

const State = z.object({
  id: z.string(),
  principal: z.string(),
  client: ClientInfo.nullable(),
  protocolVersion: z.string(),
  capabilities: z.record(z.string(), z.unknown()),
  logLevel: z.string().nullable(),
  listener: z.string(),
});

/** In a JetStream key-value bucket, where every replica finds it; rejects with `store.unavailable` while there is none. */
export function createNatsSessionStore(options: NatsSessionStoreOptions): SessionStore {
  const { connection, log, ttlMs, replicas = 1, bucket = "gateway_sessions" } = options;
  const manager = new Kvm(connection);
  let opening: Promise<KV> | undefined;

  async function open(): Promise<KV> {
    // Without direct reads a session is found on any replica as soon as it was put.
    const settings = { history: 1, ttl: ttlMs, replicas, allow_direct: false };
    return manager.create(bucket, settings).catch((error: unknown) => {
      log.warn({ err: error, bucket }, "kept the bucket's settings, which differ from ours");
      return manager.open(bucket, { allow_direct: false });
    });
  }

  async function use<T>(action: (bucket: KV) => Promise<T>): Promise<T> {
    try {
      opening ??= open();
      return await action(await opening);
    } catch (cause) {
      // The next use makes the bucket anew, should it be lost.
      opening = undefined;
      throw new GovernanceError("store.unavailable", "the session store (NATS) did not answer", { cause });
    }
  }

  /** Only a session that nobody has changed or deleted since. */
  function keepAlive(entry: KvEntry): void {
    if (Date.now() - entry.created.getTime() < ttlMs / 2) return;
    use((sessions) => sessions.update(entry.key, entry.value, entry.revision)).catch((error: unknown) => {
      log.debug({ err: error }, "a session was not prolonged");
    });
  }

  return {
    put: (key, state) => use(async (sessions) => void (await sessions.put(key, JSON.stringify(state)))),
    async get(key) {
      const entry = await use((sessions) => sessions.get(key));
      if (entry?.operation !== "PUT") return undefined;
      keepAlive(entry);
      return parseState(entry.string());
    },
    delete: (key) => use((sessions) => sessions.delete(key)),
    close: async () => undefined,
  };
}

/** A state that another version wrote and this one cannot read is no session. */
function parseState(text: string): SessionState | undefined {
  return State.safeParse(JSON.parse(text)).data;
}
