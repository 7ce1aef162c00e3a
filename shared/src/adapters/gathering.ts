export interface Gathering<T> {
  add(item: T): void;
  /** How many wait for a batch. */
  readonly size: number;
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
  let wake: (() => void) | undefined;
  let wakeWhenFull = false;

  async function run(): Promise<void> {
    while (items.length > 0 && !closing) await deliverBatch();
    running = undefined;
  }

  async function deliverBatch(): Promise<void> {
    if (items.length < max) await sleep(waitMs, true);
    if (closing) return;
    const delivered = await deliver(items.splice(0, max)).catch(() => false);
    if (!delivered && !closing) await sleep(pauseMs, false);
  }

  function sleep(ms: number, untilFull: boolean): Promise<void> {
    wakeWhenFull = untilFull;
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  return {
    get size() {
      return items.length;
    },
    add(item) {
      items.push(item);
      running ??= run();
      if (wakeWhenFull && items.length >= max) wake?.();
    },
    async close() {
      closing = true;
      wake?.();
      await running;
      return items.splice(0);
    },
  };
}
