import type { Batch, Consumer } from "../../event-bus.ts";
import type { Log } from "../../log.ts";
import { createSleeper } from "../sleeper.ts";
import type { Entry } from "./entry.ts";
import { createLineCount } from "./line-count.ts";
import { readBatch } from "./reader.ts";
import type { Segments } from "./segments.ts";
import { createJournalTail } from "./tail.ts";

export interface JournalConsumer extends Consumer {
  /** What was just written, in order. */
  offer(entries: readonly Entry[]): void;
}

export interface JournalConsumerOptions {
  segments: Segments;
  /** Offset of the first line it has not handled. */
  from: number;
  handle: (batch: Batch) => Promise<void>;
  /** Called after each batch with the offset of the next. */
  onHandled: (next: number) => void;
  log: Log;
  /** Bytes of lines kept in memory for a consumer that is busy; one that lags further reads the files. */
  memoryBytes?: number;
}

interface Step {
  batch: Batch;
  next: number;
  /** Lines that it takes off the journal. */
  lines: number;
}

const BATCH = 1_000;
const FIRST_RETRY_MS = 100;
const LAST_RETRY_MS = 5_000;

/**
 * Takes what was written from memory while it keeps up, and from the files after a start or when it lags.
 * `close` hands over what is in memory, unless the handler fails.
 */
export function startJournalConsumer(options: JournalConsumerOptions): JournalConsumer {
  const { segments, handle, onHandled, log, memoryBytes = 32 * 2 ** 20 } = options;
  const tail = createJournalTail(memoryBytes);
  const count = createLineCount(segments, options.from);
  const pause = createSleeper();
  let next = options.from;
  let step: Step | undefined;
  let closing = false;

  async function nextStep(): Promise<Step> {
    // No await between the comparison and `follow`, or a line written in between would be missed.
    if (!tail.following && next >= segments.end) tail.follow();
    if (!tail.following) return readStep(segments, next);
    const entries = await tail.take(BATCH);
    const bytes = entries.reduce((sum, entry) => sum + entry.bytes, 0);
    const batch = { events: entries.map(({ published }) => published), dead: [], redelivered: 0 };
    return { batch, next: next + bytes, lines: entries.length };
  }

  async function advance(): Promise<void> {
    step ??= await nextStep();
    const { batch, lines } = step;
    if (lines > 0) {
      step.batch = { ...batch, redelivered: lines };
      await handle(batch);
    }
    next = step.next;
    step = undefined;
    count.taken(lines, next);
    if (lines > 0) onHandled(next);
  }

  async function run(): Promise<void> {
    let retryMs = FIRST_RETRY_MS;
    while (!closing || tail.size > 0) {
      try {
        await advance();
        retryMs = FIRST_RETRY_MS;
      } catch (error) {
        log.warn({ err: error, retryMs }, "facts could not be handled, trying again");
        if (closing) return;
        await pause.sleep(retryMs);
        retryMs = Math.min(2 * retryMs, LAST_RETRY_MS);
      }
    }
  }
  const running = run();

  return {
    offer(entries) {
      count.added(entries);
      tail.offer(entries);
    },
    backlog: async () => ({ waiting: await count.total(), unit: "events" }),
    async close() {
      closing = true;
      tail.close();
      pause.wake();
      await running;
    },
  };
}

async function readStep(segments: Segments, from: number): Promise<Step> {
  const { batch, next } = await readBatch(segments, from, BATCH);
  return { batch, next, lines: batch.events.length + batch.dead.length };
}
