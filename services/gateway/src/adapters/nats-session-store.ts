import { ClientInfo, GovernanceError, type Log } from "@mcp-governance-bridge/shared";
import { createBucket } from "@mcp-governance-bridge/shared/nats";
import type { KV } from "@nats-io/kv";
import type { NatsConnection } from "@nats-io/transport-node";
import { z } from "zod";
import type { SessionState, SessionStore } from "../ports.ts";

export interface NatsSessionStoreOptions {
  /** Stays the caller's to close. */
  connection: NatsConnection;
  log: Log;
  /** Milliseconds after its last `put` or `touch` at which a session ends. */
  ttlMs: number;
  replicas?: number;
  bucket?: string;
}

const State = z.object({
  id: z.string(),
  principal: z.string(),
  // Sessions that began before there were roles have none.
  roles: z.array(z.string()).default([]),
  client: ClientInfo.nullable(),
  protocolVersion: z.string(),
  capabilities: z.record(z.string(), z.unknown()),
  logLevel: z.string().nullable(),
  listener: z.string(),
});

/** In a JetStream key-value bucket, where every replica finds it; rejects with `store.unavailable` while there is none. */
export function createNatsSessionStore(options: NatsSessionStoreOptions): SessionStore {
  const { connection, log, ttlMs, replicas = 1, bucket = "gateway_sessions" } = options;
  const inBucket = createBucket({ connection, log, bucket, ttlMs, replicas });

  async function use<T>(action: (sessions: KV) => Promise<T>): Promise<T> {
    return inBucket(action).catch((cause: unknown) => {
      throw new GovernanceError("store.unavailable", "the session store (NATS) did not answer", { cause });
    });
  }

  return {
    ttlMs,
    put: (key, state) => use(async (sessions) => void (await sessions.put(key, JSON.stringify(state)))),
    get: (key) =>
      use(async (sessions) => {
        const entry = await sessions.get(key);
        return entry?.operation === "PUT" ? parseState(entry.string()) : undefined;
      }),
    touch: (key) =>
      use(async (sessions) => {
        const entry = await sessions.get(key);
        if (entry?.operation !== "PUT") return false;
        // Whoever changed it in between has prolonged it, or ended it, which the next touch tells.
        await sessions.update(key, entry.value, entry.revision).catch(() => {});
        return true;
      }),
    delete: (key) => use((sessions) => sessions.delete(key)),
    close: async () => undefined,
  };
}

/** A state that another version wrote and this one cannot read is no session. */
function parseState(text: string): SessionState | undefined {
  return State.safeParse(JSON.parse(text)).data;
}
