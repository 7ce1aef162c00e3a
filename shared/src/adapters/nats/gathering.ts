import { createSleeper } from "../sleeper.ts";

export interface Gathering<T> {
  add(item: T): void;
  /** What waits for a batch. */
  readonly waiting: readonly T[];
  /** Resolves when the batch in hand is done, with what was not delivered. */
  close(): Promise<readonly T[]>;
}

export interface GatheringOptions<T> {
  /** Items in one batch at most. */
  max: number;
  /** Milliseconds a first item waits for company. */
  waitMs: number;
  /** One batch at a time; false or a rejection puts a pause before the next. */
  deliver: (items: readonly T[]) => Promise<boolean>;
  pauseMs?: number;
}

/** Collects single items into batches for somebody who takes one batch at a time. */
export function createGathering<T>({ max, waitMs, deliver, pauseMs = 500 }: GatheringOptions<T>): Gathering<T> {
  const items: T[] = [];
  let running: Promise<void> | undefined;
  let closing = false;
  const company = createSleeper();
  const pause = createSleeper();

  async function run(): Promise<void> {
    while (items.length > 0 && !closing) await deliverBatch();
    running = undefined;
  }

  async function deliverBatch(): Promise<void> {
    if (items.length < max) await company.sleep(waitMs);
    if (closing) return;
    const delivered = await deliver(items.splice(0, max)).catch(() => false);
    if (!delivered && !closing) await pause.sleep(pauseMs);
  }

  return {
    waiting: items,
    add(item) {
      items.push(item);
      running ??= run();
      if (items.length >= max) company.wake();
    },
    async close() {
      closing = true;
      company.wake();
      pause.wake();
      await running;
      return items.splice(0);
    },
  };
}
