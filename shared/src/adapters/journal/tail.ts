import { createSleeper } from "../sleeper.ts";
import type { Entry } from "./entry.ts";

/** What was written since a consumer caught up, kept for it in memory until there is too much. */
export interface JournalTail {
  /** False until the consumer has read all there was, and again when it lags too far: then the files are to be read. */
  readonly following: boolean;
  readonly size: number;
  /** The consumer has read everything up to this moment. */
  follow(): void;
  offer(entries: readonly Entry[]): void;
  /** Resolves with the next entries once there are some, gathered for a moment; with none when it closes or lags. */
  take(max: number): Promise<readonly Entry[]>;
  /** From now on `take` waits for nothing. */
  close(): void;
}

const GATHER_MS = 10;

export function createJournalTail(maxBytes: number): JournalTail {
  const arrival = createSleeper();
  let queue: Entry[] = [];
  let bytes = 0;
  let wanted = 1;
  let following = false;
  let closing = false;

  function forget(): void {
    following = false;
    queue = [];
    bytes = 0;
    arrival.wake();
  }

  async function atLeast(count: number, ms?: number): Promise<void> {
    wanted = count;
    if (queue.length < count && following && !closing) await arrival.sleep(ms);
  }

  return {
    get following() {
      return following;
    },
    get size() {
      return queue.length;
    },
    follow() {
      following = true;
    },
    offer(entries) {
      if (!following) return;
      for (const entry of entries) {
        queue.push(entry);
        bytes += entry.bytes;
      }
      if (bytes > maxBytes) forget();
      else if (queue.length >= wanted) arrival.wake();
    },
    async take(max) {
      await atLeast(1);
      await atLeast(max, GATHER_MS);
      const entries = queue.splice(0, max);
      for (const entry of entries) bytes -= entry.bytes;
      return entries;
    },
    close() {
      closing = true;
      arrival.wake();
    },
  };
}
