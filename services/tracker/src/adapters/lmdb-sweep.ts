import { setImmediate as nextTurn } from "node:timers/promises";
import type { Log } from "@mcp-governance-bridge/shared";
import { type Collection, EXPIRY_GRACE_MS } from "../record-store.ts";
import type { Shelves } from "./lmdb-shelves.ts";

export interface SweepTimes {
  firstMs: number;
  everyMs: number;
}

/** Removals of one slice take a few milliseconds. */
const SLICE = 50;
const DAY_MS = 86_400_000;

interface SweepOptions {
  shelves: Shelves;
  /** Resolves once the documents are gone. */
  remove(collection: Collection, ids: readonly string[]): Promise<void>;
  times: SweepTimes;
  log: Log;
}

export interface Sweep {
  retain(days: Readonly<Partial<Record<Collection, number>>>): void;
  /** Resolves once nothing is being removed. */
  stop(): Promise<void>;
}

/** Removes what has expired, again and again. */
export function createSweep({ shelves, remove, times, log }: SweepOptions): Sweep {
  let kept: Readonly<Partial<Record<Collection, number>>> = {};
  let running: Promise<void> = Promise.resolve();
  let timer: NodeJS.Timeout | undefined;
  let isStopped = false;

  const sweep = async (collection: Collection, days: number): Promise<number> => {
    const before = Date.now() - days * DAY_MS - EXPIRY_GRACE_MS;
    let removed = 0;
    while (!isStopped) {
      const ids = first(shelves.of(collection).oldest(before), SLICE);
      if (ids.length > 0) await remove(collection, ids);
      removed += ids.length;
      if (ids.length < SLICE) break;
      await nextTurn();
    }
    return removed;
  };
  const run = async (): Promise<void> => {
    for (const [collection, days] of Object.entries(kept) as [Collection, number][]) {
      const removed = await sweep(collection, days);
      if (removed > 0) log.debug({ collection, removed }, "documents have expired");
    }
  };
  const schedule = (afterMs: number): void => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      running = run()
        .catch((error: unknown) => log.error({ err: error }, "expired documents could not be removed"))
        .finally(() => !isStopped && schedule(times.everyMs));
    }, afterMs);
    timer.unref();
  };

  return {
    retain(days) {
      kept = { ...days };
      // A run that is under way schedules the next one itself, which may be late for what is shorter from now on.
      void running.then(() => !isStopped && schedule(times.firstMs));
    },
    async stop() {
      isStopped = true;
      clearTimeout(timer);
      await running;
    },
  };
}

function first<T>(items: Iterable<T>, most: number): T[] {
  const found: T[] = [];
  for (const item of items) {
    if (found.length === most) break;
    found.push(item);
  }
  return found;
}
