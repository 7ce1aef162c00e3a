import type { Log } from "@mcp-governance-bridge/shared";
import { digestOf } from "@mcp-governance-bridge/shared";
import { createBucket } from "@mcp-governance-bridge/shared/nats";
import type { KV, KvEntry } from "@nats-io/kv";
import type { NatsConnection } from "@nats-io/transport-node";
import { z } from "zod";
import type { SessionLabels } from "../session-labels.ts";

export interface NatsSessionLabelsOptions {
  /** Stays the caller's to close. */
  connection: NatsConnection;
  log: Log;
  /** Milliseconds after its last use at which a session's labels are forgotten; reading prolongs once half of it is over. */
  ttlMs: number;
  /** Copies of the bucket in a NATS cluster. */
  replicas?: number;
  bucket?: string;
}

const Labels = z.array(z.string());
const CONFLICTS = [10_071, 10_164];

/** In a JetStream key-value bucket, where every replica finds them. */
export function createNatsSessionLabels(options: NatsSessionLabelsOptions): SessionLabels {
  const { connection, log, ttlMs, replicas = 1, bucket = "session_labels" } = options;
  const inBucket = createBucket({ connection, log, bucket, ttlMs, replicas });

  async function use<T>(action: (sessions: KV) => Promise<T>): Promise<T> {
    return inBucket(action).catch((cause: unknown) => {
      throw new Error("the labels of the session are neither read nor kept by NATS", { cause });
    });
  }

  async function prolong(sessions: KV, { key, value, revision, created }: KvEntry): Promise<void> {
    if (Date.now() - created.getTime() < ttlMs / 2) return;
    // Whoever changed it in between has prolonged it; what fails now is done by the next read.
    await sessions.put(key, value, { previousSeq: revision }).catch(() => {});
  }

  /** False where somebody else changed them meanwhile. */
  async function addOnce(sessions: KV, key: string, labels: readonly string[]): Promise<boolean> {
    const entry = await sessions.get(key);
    const known = labelsOf(entry);
    const all = [...new Set([...known, ...labels])].sort();
    if (entry && all.length === known.length) {
      await prolong(sessions, entry);
      return true;
    }
    return isWritten(sessions.put(key, JSON.stringify(all), { previousSeq: entry?.revision ?? 0 }));
  }

  return {
    read: (sessionId) =>
      use(async (sessions) => {
        const entry = await sessions.get(keyOf(sessionId));
        const labels = labelsOf(entry);
        if (entry && labels.length > 0) await prolong(sessions, entry);
        return labels;
      }),
    async add(sessionId, labels) {
      if (labels.length === 0) return;
      await use(async (sessions) => {
        // Each conflict means that another has added a label, of which there are few.
        while (!(await addOnce(sessions, keyOf(sessionId), labels)));
      });
    },
    async close() {},
  };
}

/** Session ids may hold characters that keys may not. */
function keyOf(sessionId: string): string {
  return digestOf(sessionId);
}

function labelsOf(entry: KvEntry | null): readonly string[] {
  return entry?.operation === "PUT" ? Labels.parse(JSON.parse(entry.string())) : [];
}

async function isWritten(writing: Promise<unknown>): Promise<boolean> {
  try {
    await writing;
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && CONFLICTS.includes(Number(error.code))) return false;
    throw error;
  }
}
