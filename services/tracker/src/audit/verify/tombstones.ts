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

export function createTombstones(): Tombstones {
  const before = new Map<Collection, number>();
  const removed = new Map<string, Head>();
  const beforeOf = (collection: Collection): number => before.get(collection) ?? Number.NEGATIVE_INFINITY;
  let payloadsBefore = Number.NEGATIVE_INFINITY;
  return {
    add(document) {
      const { expired, payloads_before: payloads, chains } = document as unknown as RetentionRun;
      for (const { collection, before: limit } of expired)
        before.set(collection, Math.max(beforeOf(collection), timeOf(limit)));
      if (payloads !== null) payloadsBefore = Math.max(payloadsBefore, timeOf(payloads));
      for (const head of chains) {
        const known = removed.get(head.partition);
        if (!known || known.seq < head.seq) removed.set(head.partition, head);
      }
    },
    mayBeGone: (collection, at) => at < beforeOf(collection),
    mayLackPayloads: (at) => at < payloadsBefore,
    removedUntil: (partition) => removed.get(partition),
  };
}

/** Times of exports are text. */
function timeOf(value: unknown): number {
  return value instanceof Date ? value.getTime() : Date.parse(String(value));
}
