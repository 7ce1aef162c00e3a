import { laterThan } from "../later-than.ts";
import type { Document, RecordStore } from "../record-store.ts";

type Source = Pick<RecordStore, "aggregate">;

/** Which letters: these, or all that are dead. */
export type Chosen = { ids: readonly string[] } | { all: true };

export interface Page {
  letters: readonly Document[];
  /** Ids that no dead letter has. */
  missing: readonly string[];
}

/** Letters may have many megabytes each: no more of them are in memory at once. */
const PAGE = 8;

/** Letters that are dead, a few at a time; all that are so by now the oldest first. */
export function deadOf(store: Source, chosen: Chosen): AsyncIterable<Page> {
  return "ids" in chosen ? named(store, [...new Set(chosen.ids)]) : all(store);
}

async function* named(store: Source, ids: readonly string[]): AsyncIterable<Page> {
  for (let start = 0; start < ids.length; start += PAGE) {
    const asked = ids.slice(start, start + PAGE);
    const letters = await store.aggregate("dead_letters", [{ $match: { _id: { $in: asked }, status: "dead" } }]);
    const found = new Set(letters.map(({ _id }) => _id));
    yield { letters, missing: asked.filter((id) => !found.has(id)) };
  }
}

async function* all(store: Source): AsyncIterable<Page> {
  // Whatever comes again because it was published again must not be published again and again.
  const upTo = { $lte: new Date() };
  let last: Document | undefined;
  do {
    const letters = await store.aggregate("dead_letters", [
      { $match: { status: "dead", ...(last ? laterThan(last, upTo) : { timestamp: upTo }) } },
      { $sort: { timestamp: 1, _id: 1 } },
      { $limit: PAGE },
    ]);
    if (letters.length > 0) yield { letters, missing: [] };
    last = letters.length === PAGE ? letters.at(-1) : undefined;
  } while (last);
}
