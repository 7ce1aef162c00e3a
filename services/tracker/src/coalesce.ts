import type { Collection, Document, Write } from "./record-store.ts";

/** Fewer writes with the same effect: those of one document become one, but for those on a condition. */
export function coalesce(writes: readonly Write[]): Write[] {
  const result: Write[] = [];
  const places = new Map<Collection, Map<string, number>>();
  for (const write of writes) {
    if (write.onlyIf) {
      result.push(write);
      continue;
    }
    const known = placesIn(places, write.collection);
    const key = write.since ? `${write.since.field}\n${write.id}` : write.id;
    const place = known.get(key);
    if (place === undefined) known.set(key, result.push(write) - 1);
    else result[place] = merge(result[place] as Write, write);
  }
  return result;
}

function placesIn(places: Map<Collection, Map<string, number>>, collection: Collection): Map<string, number> {
  const known = places.get(collection);
  if (known) return known;
  const created = new Map<string, number>();
  places.set(collection, created);
  return created;
}

function merge(first: Write, second: Write): Write {
  if (first.since && second.since && second.since.at < first.since.at) return first;
  const { collection, id, since } = second;
  // A spread of both looks for a fast shape of so many members, which takes ten times as long.
  const set: Document = Object.assign({}, first.set, second.set);
  // What the second has for a new document never counts: after the first there is a document.
  const merged: Write = { collection, id, set, setOnInsert: without(first.setOnInsert, set) };
  if (since) merged.since = since;
  return merged;
}

/** MongoDB refuses to set a member twice in one update. */
function without(document: Document = {}, members: Document): Document {
  const rest: Document = {};
  for (const name of Object.keys(document)) {
    if (!Object.hasOwn(members, name)) rest[name] = document[name];
  }
  return rest;
}
