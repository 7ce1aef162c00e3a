import { setTimeout as delay } from "node:timers/promises";

const LOOK_MS = 20;

/** Counts work under way, so that an orderly end can wait for it. */
export function createInFlight() {
  let count = 0;
  return {
    /** Counts a piece of work until it settles. */
    async track<T>(work: Promise<T>): Promise<T> {
      count += 1;
      try {
        return await work;
      } finally {
        count -= 1;
      }
    },

    /** Resolves when nothing is under way, at the latest after `patienceMs`, with what was left. */
    async drained(patienceMs: number): Promise<number> {
      const end = performance.now() + patienceMs;
      while (count > 0 && performance.now() < end) await delay(LOOK_MS);
      return count;
    },
  };
}
