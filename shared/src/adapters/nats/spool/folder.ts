import { existsSync, rmSync } from "node:fs";
import type { Batch } from "../../../event-bus.ts";
import type { Published } from "../../../events.ts";
import type { Log } from "../../../log.ts";
import { openJournalEventBus } from "../../journal-event-bus.ts";

/** A journal with one consumer: what delivers it to NATS. */
export interface SpoolFolder {
  /** Resolves once the event is in a file here; rejects with `audit.unavailable`. */
  keep(published: Published): Promise<void>;
  /** Events kept here since it was opened, and not delivered yet. */
  readonly undelivered: number;
  /** Events of any time that are not delivered yet. */
  backlog(): Promise<number>;
  /** False while it is full or cannot be written. */
  readonly accepting: boolean;
  /** Whether another process has taken it over, in the belief that this one is dead. */
  isGone(): boolean;
  close(): Promise<void>;
  /** Closes it and deletes its files. */
  remove(): Promise<void>;
}

export interface SpoolFolderOptions {
  path: string;
  maxBytes: number;
  log: Log;
  deliver: (batch: Batch) => Promise<void>;
  /** After each batch that was delivered. */
  onDelivered?: () => void;
}

const DURABLE = "nats";
/** Of the limit, since files are deleted as a whole. */
const SEGMENTS = 16;

export async function openSpoolFolder(options: SpoolFolderOptions): Promise<SpoolFolder> {
  const { path, maxBytes, log, deliver, onDelivered } = options;
  const isGone = () => !existsSync(path);
  const journal = await openJournalEventBus({
    directory: path,
    name: "the gateway's spool",
    log,
    maxBytes,
    segmentBytes: Math.ceil(maxBytes / SEGMENTS),
    // Whoever takes a folder over gives it another name before he reads it. So what was written while it had this one is read.
    confirm() {
      if (isGone()) throw new Error("another process has taken it over");
    },
  });
  let undelivered = 0;
  const consumer = await journal.consume(DURABLE, async (batch) => {
    await deliver(batch);
    undelivered -= batch.events.length + batch.dead.length;
    onDelivered?.();
  });

  return {
    async keep({ subject, event }) {
      undelivered += 1;
      await journal.publish(subject, event).catch((error: unknown) => {
        undelivered -= 1;
        throw error;
      });
    },
    get undelivered() {
      return undelivered;
    },
    backlog: async () => (await consumer.backlog()).waiting,
    get accepting() {
      return journal.accepting;
    },
    isGone,
    close: journal.close,
    async remove() {
      await journal.close();
      rmSync(path, { recursive: true, force: true });
    },
  };
}
