import type { Database, RootDatabase } from "lmdb";
import { Query } from "mingo";
import { type RecordIndex, recordIndexes } from "../record-indexes.ts";
import type { Collection, Document, Write } from "../record-store.ts";
import { type Index, nameOf } from "./lmdb-index.ts";
import type { Plan } from "./lmdb-plan.ts";
import { outcomeOf } from "./write-outcome.ts";

/** Of one folder, whoever opens it. */
export const MAX_DATABASES = 256;
/** Address space, not memory or disk: a map that must grow is mapped anew beside the old one. */
export const MAP_BYTES = 2 ** 38;

/** One collection: its documents and its indexes. */
export interface Shelf {
  /** Those that can be read by. */
  indexes: readonly RecordIndex[];
  /** Puts without waiting; to be committed by whoever calls, together with all puts of the same turn of the event loop. */
  apply(write: Write): void;
  remove(id: string): void;
  /** To be called when what was put is committed. */
  settle(): void;
  /** Documents as they are read, one by one as they are asked for; undefined for one that does not match. */
  read(plan: Plan): Iterable<Document | undefined>;
  /** Ids of the oldest documents, of those whose `timestamp` is before that time. */
  oldest(before: number): Iterable<string>;
  /** Documents and entries of indexes. */
  count(): { documents: number; indexes: number };
}

/** In which every document is, so that the oldest can be found. */
const IN_TIME: RecordIndex = { by: [], order: "timestamp" };

export const indexesOf = (collection: Collection): readonly RecordIndex[] => [
  IN_TIME,
  ...recordIndexes[collection].filter((index) => nameOf(index) !== nameOf(IN_TIME)),
];

export const NOTHING: Shelf = {
  indexes: [],
  apply: () => {},
  remove: () => {},
  settle: () => {},
  read: () => [],
  oldest: () => [],
  count: () => ({ documents: 0, indexes: 0 }),
};

/** Undefined where it is opened to be read and is not there. */
export function openDocuments(root: RootDatabase, collection: Collection): Database<Document, string> | undefined {
  return root.openDB({ name: collection, sharedStructuresKey: Symbol.for("structures") });
}

interface Parts {
  documents: Database<Document, string>;
  indexes: readonly Index[];
}

export function createShelf({ documents, indexes }: Parts): Shelf {
  const definitions = indexes.map(({ definition }) => definition);
  const inTime = indexes.find(({ definition }) => nameOf(definition) === nameOf(IN_TIME));
  /** What the next commit makes of documents; `undefined` where it removes them. */
  const uncommitted = new Map<string, Document | undefined>();

  const change = (id: string, before: Document | undefined, after: Document | undefined): void => {
    uncommitted.set(id, after);
    for (const index of indexes) index.change(id, before, after);
    if (after) void documents.put(id, after);
    else void documents.remove(id);
  };
  const present = (id: string): Document | undefined => (uncommitted.has(id) ? uncommitted.get(id) : documents.get(id));

  function* idsIn({ ids, stretch }: Plan): Iterable<string> {
    const index = indexes.find(({ definition }) => definition === stretch?.index);
    if (ids) yield* ids;
    else if (stretch && index) yield* index.ids(stretch);
    else yield* documents.getKeys();
  }

  function* read(plan: Plan): Iterable<Document | undefined> {
    const query = new Query(plan.match);
    let left = plan.limit;
    for (const id of idsIn(plan)) {
      const document = documents.get(id);
      const matching = document && query.test(document) ? document : undefined;
      yield matching;
      if (matching && --left === 0) return;
    }
  }

  return {
    indexes: definitions,
    apply(write) {
      const before = present(write.id);
      const after = outcomeOf(before, write);
      if (after) change(write.id, before, after);
    },
    remove(id) {
      const before = present(id);
      if (before) change(id, before, undefined);
    },
    settle: () => uncommitted.clear(),
    read,
    oldest: (before) =>
      inTime?.ids({
        index: IN_TIME,
        values: [[]],
        range: { from: Number.MIN_SAFE_INTEGER, to: before - 1 },
        isReversed: false,
      }) ?? [],
    // Beside the documents, their database holds what they have in common.
    count: () => ({ documents: inTime?.entries() ?? 0, indexes: indexes.length }),
  };
}

/** Fills an index with what is there. Nothing may be written meanwhile. */
export function fill(root: RootDatabase, documents: Database<Document, string>, index: Index): void {
  const SLICE = 2_000;
  index.clear();
  let slice: { key: string; value: Document }[] = [];
  const flush = (): void => {
    root.transactionSync(() => {
      for (const { key, value } of slice) index.change(key, undefined, value);
    });
    slice = [];
  };
  for (const entry of documents.getRange()) {
    slice.push(entry);
    if (slice.length === SLICE) flush();
  }
  flush();
}
