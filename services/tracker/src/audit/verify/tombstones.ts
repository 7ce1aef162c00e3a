import type { Collection, Document } from "../../record-store.ts";
import type { RetentionRun } from "../../retention/retention-run.ts";
import type { Head } from "../evidence.ts";

/** What retention may have taken away. */
export interface Tombstones {
  /** Takes a document of `retention_runs` that the chain vouches for. */
  add(document: Document): void;
  /** Whether documents with that `timestamp` may be gone, and whether a call's inputs and outputs may. */
  mayBeGone(collection: Collection, at: number): boolean;
  mayLackPayloads(at: number): boolean;
  /** The last block that was removed from the beginning of a chain. */
  removedUntil(partition: string): Head | undefined;
}

const DAY_MS = 86_400_000;

/** `now` is when the record is looked at: what the last run says holds until then. */
export function createTombstones(now: number): Tombstones {
  const before = new Map<Collection, number>();
  const removed = new Map<string, Head>();
  let newest: RetentionRun | undefined;
  let payloadsBefore = Number.NEGATIVE_INFINITY;
  const beforeOf = (collection: Collection): number => before.get(collection) ?? Number.NEGATIVE_INFINITY;

  const mayBeGoneSince = (collection: Collection): number => {
    const days = newest?.expired.find((limit) => limit.collection === collection)?.days;
    return Math.max(beforeOf(collection), typeof days === "number" ? now - days * DAY_MS : Number.NEGATIVE_INFINITY);
  };

  return {
    add(document) {
      const run = document as RetentionRun;
      if (!newest || timeOf(run.timestamp) > timeOf(newest.timestamp)) newest = run;
      for (const limit of run.expired)
        before.set(limit.collection, Math.max(beforeOf(limit.collection), timeOf(limit.before)));
      if (run.payloads_before !== null) payloadsBefore = Math.max(payloadsBefore, timeOf(run.payloads_before));
      for (const head of run.chains) further(removed, head);
    },
    mayBeGone: (collection, at) => at < mayBeGoneSince(collection),
    mayLackPayloads: (at) => at < payloadsBefore,
    removedUntil: (partition) => removed.get(partition),
  };
}

function further(removed: Map<string, Head>, head: Head): void {
  if (head.seq > (removed.get(head.partition)?.seq ?? 0)) removed.set(head.partition, head);
}

/** Times of exports are text. */
function timeOf(value: unknown): number {
  return value instanceof Date ? value.getTime() : Date.parse(String(value));
}
