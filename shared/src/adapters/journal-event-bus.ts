import type { Batch, Consumer, EventBus } from "../event-bus.ts";
import type { EventOf, Published, Subject } from "../events.ts";
import { Scope } from "../lifecycle.ts";
import type { Log } from "../log.ts";

import { type JournalConsumer, startJournalConsumer } from "./journal/consumer.ts";
import { openPositions } from "./journal/positions.ts";
import { openSegments } from "./journal/segments.ts";
import { createJournalWriter } from "./journal/writer.ts";
import { createListeners } from "./listeners.ts";
import { unavailable } from "./unavailable.ts";

export interface JournalOptions {
  /** One process at a time may have it. */
  directory: string;
  log: Log;
  /** What problems and the log call it. */
  name?: string;
  /** A segment that has reached this size is followed by a new one; segments are deleted as a whole. */
  segmentBytes?: number;
  /** Size of the journal at which publishing is refused until consumers have caught up. */
  maxBytes?: number;
  /** Milliseconds between flushes to the disk, which only a loss of power makes matter; 0 flushes before it acknowledges. */
  flushMs?: number;
  /** Asked after each write, before it is acknowledged; throws where what was written does not count as kept. */
  confirm?: () => void;
}

/** The bus of a single process: events are in a file before they are acknowledged. One consumer per durable name. */
export async function openJournalEventBus(options: JournalOptions): Promise<EventBus> {
  const { directory, name = "the journal", log, maxBytes = 2 * 2 ** 30, flushMs = 1_000 } = options;
  // The segment being written is never deleted, so it must not fill the journal by itself.
  const segmentBytes = Math.min(options.segmentBytes ?? 64 * 2 ** 20, Math.ceil(maxBytes / 4));
  const segments = openSegments({ directory, log, segmentBytes });
  const positions = openPositions(directory, log);
  const consumers = new Map<string, JournalConsumer>();
  const listeners = createListeners(log);
  const writer = createJournalWriter({
    segments,
    name,
    log,
    maxBytes,
    flushMs,
    confirm: options.confirm,
    onKept: (entries) => {
      for (const consumer of consumers.values()) consumer.offer(entries);
      for (const { published } of entries) listeners.hear(published);
    },
  });
  const opened = new Scope();
  opened.use({ close: async () => segments.close() });
  opened.use(writer);

  function consume(durable: string, handle: (batch: Batch) => Promise<void>): Consumer {
    if (consumers.has(durable)) throw new Error(`the journal has a consumer ${durable} already`);
    const known = positions.get(durable) ?? segments.start;
    const from = Math.min(Math.max(known, segments.start), segments.end);
    positions.set(durable, from);
    const onHandled = (next: number) => {
      positions.set(durable, next);
      segments.dropBefore(positions.lowest);
    };
    const consumer = startJournalConsumer({ segments, from, handle, onHandled, log: log.child({ durable }) });
    consumers.set(durable, consumer);
    return opened.use({
      backlog: consumer.backlog,
      close: async () => {
        await consumer.close();
        consumers.delete(durable);
      },
    });
  }

  return {
    publish: (subject, event) => writer.publish(asPublished(subject, event)),
    tell: (subject, event) => writer.tell(asPublished(subject, event)),
    get accepting() {
      return writer.problem() === undefined;
    },
    consume: async (durable, handle) => consume(durable, handle),
    follow: listeners.add,
    async ping() {
      const problem = writer.problem();
      if (problem !== undefined) throw unavailable(problem);
    },
    close: () => opened.close(),
  };
}

function asPublished<S extends Subject>(subject: S, event: EventOf<S>): Published {
  return { subject, event } as Published;
}
