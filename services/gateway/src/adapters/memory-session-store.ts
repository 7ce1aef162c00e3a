import { GovernanceError } from "@mcp-governance-bridge/shared";
import type { SessionState, SessionStore } from "../ports.ts";

export interface MemorySessionStoreOptions {
  /** Milliseconds after its last `put` or `touch` at which a session ends. */
  ttlMs: number;
  /** Sessions held at most; one more is refused with `session.refused`. */
  max: number;
}

interface Held {
  state: SessionState;
  endsAt: number;
}

/** For a single gateway. */
export function createMemorySessionStore({ ttlMs, max }: MemorySessionStoreOptions): SessionStore {
  // Least recently used first, which is the order in which they end.
  const sessions = new Map<string, Held>();

  function hold(key: string, state: SessionState): void {
    sessions.delete(key);
    sessions.set(key, { state, endsAt: performance.now() + ttlMs });
  }

  function forgetEnded(): void {
    const now = performance.now();
    for (const [key, { endsAt }] of sessions) {
      if (endsAt > now) return;
      sessions.delete(key);
    }
  }

  return {
    ttlMs,
    async put(key, state) {
      forgetEnded();
      if (!sessions.has(key) && sessions.size >= max) {
        throw new GovernanceError("session.refused", `the gateway holds ${max} sessions, which is its limit`);
      }
      hold(key, state);
    },
    async get(key) {
      forgetEnded();
      return sessions.get(key)?.state;
    },
    async touch(key) {
      forgetEnded();
      const held = sessions.get(key);
      if (held) hold(key, held.state);
      return held !== undefined;
    },
    async delete(key) {
      sessions.delete(key);
    },
    async close() {
      sessions.clear();
    },
  };
}
