import type { Published } from "../events.ts";
import type { Closable } from "../lifecycle.ts";
import type { Log } from "../log.ts";

export interface Listeners {
  add(hear: (published: Published) => void): Closable;
  /** Tells all; one that throws is logged and harms nobody. */
  hear(published: Published): void;
  readonly size: number;
  clear(): void;
}

export function createListeners(log: Log): Listeners {
  // A key of its own for each: the same function may follow twice.
  const listeners = new Map<symbol, (published: Published) => void>();

  return {
    add(hear) {
      const key = Symbol("listener");
      listeners.set(key, hear);
      return { close: async () => void listeners.delete(key) };
    },
    hear(published) {
      for (const hear of listeners.values()) {
        try {
          hear(published);
        } catch (error) {
          log.error({ err: error, subject: published.subject }, "a follower failed on an event");
        }
      }
    },
    get size() {
      return listeners.size;
    },
    clear: () => listeners.clear(),
  };
}
