import type { Database, Key, RangeOptions, RootDatabase } from "lmdb";
import { Query } from "mingo";
import type { Collection, Document, Write } from "../record-store.ts";
import type { Plan, Scan } from "./lmdb-plan.ts";

/** Of one folder, whoever opens it. */
export const MAX_DATABASES = 64;
/** Address space, not memory or disk: a map that must grow is mapped anew beside the old one. */
export const MAP_BYTES = 2 ** 38;

/** One collection: its documents, and their ids in the order of their `timestamp`. */
export interface Shelf {
  /** Puts without waiting; to be committed by whoever calls, together with all puts of the same turn of the event loop. */
  apply(write: Write): void;
  /** To be called when what was put is committed. */
  settle(): void;
  /** Documents that match, read one by one as they are asked for. */
  read(plan: Plan): Iterable<Document>;
}

/** Names of collections that have one shelf each, opened when first asked for. */
export function createShelves(root: RootDatabase): Map<Collection, Shelf> & { of(collection: Collection): Shelf } {
  const shelves = new Map<Collection, Shelf>();
  const of = (collection: Collection): Shelf => {
    const known = shelves.get(collection);
    if (known) return known;
    const shelf = openShelf(root, collection);
    shelves.set(collection, shelf);
    return shelf;
  };
  return Object.assign(shelves, { of });
}

const NOTHING: Shelf = { apply: () => {}, settle: () => {}, read: () => [] };

function openShelf(root: RootDatabase, name: string): Shelf {
  const documents: Database<Document, string> = root.openDB({ name, sharedStructuresKey: Symbol.for("structures") });
  // Only where it is opened to be read can it be missing.
  if (!documents) return NOTHING;
  const byTime: Database<true, Key[]> = root.openDB({ name: `${name}.timestamp` });
  const uncommitted = new Map<string, Document>();

  function* idsIn(scan: Scan, only: readonly string[] | undefined): Iterable<string> {
    if (only) return yield* only;
    for (const [, id] of byTime.getKeys(rangeOf(scan))) yield id as string;
  }

  return {
    apply(write) {
      const present = uncommitted.get(write.id) ?? documents.get(write.id);
      const document = merged(present, write);
      if (!document) return;
      uncommitted.set(write.id, document);
      void documents.put(write.id, document);

      const time = timeOf(document);
      const before = present && timeOf(present);
      if (before === time) return;
      if (before !== undefined) void byTime.remove([before, write.id]);
      void byTime.put([time, write.id], true);
    },
    settle: () => uncommitted.clear(),
    *read({ ids: only, scan, match, limit }) {
      const query = new Query(match);
      let left = limit;
      for (const id of idsIn(scan, only)) {
        const document = documents.get(id);
        if (!(document && query.test(document))) continue;
        yield document;
        if (--left === 0) return;
      }
    },
  };
}

/** `undefined` where a later fact is kept already. */
function merged(present: Document | undefined, { id, set, setOnInsert, since }: Write): Document | undefined {
  // The larger first: an object that grows by more than it began with becomes a slow dictionary in V8.
  if (!present) return { ...set, _id: id, ...setOnInsert };
  const kept = since && present[since.field];
  return since && kept instanceof Date && kept > since.at ? undefined : { ...present, ...set };
}

/** 0 stands for documents without a time, so that the index has all of them. */
function timeOf({ timestamp }: Document): number {
  return timestamp instanceof Date ? timestamp.getTime() : 0;
}

/** A key without an id comes before all keys of its millisecond. */
function rangeOf({ from, to, newestFirst }: Scan): RangeOptions {
  const range: RangeOptions = { reverse: newestFirst };
  if (from !== undefined) range[newestFirst ? "end" : "start"] = [from];
  if (to !== undefined) range[newestFirst ? "start" : "end"] = [to + 1];
  return range;
}
