import type { Document, Write } from "./record-store.ts";

/** Fewer writes with the same effect: those of one document become one. */
export function coalesce(writes: readonly Write[]): Write[] {
  const merged = new Map<string, Write>();
  for (const write of writes) {
    const key = `${write.collection}\n${write.since?.field ?? ""}\n${write.id}`;
    const earlier = merged.get(key);
    merged.set(key, earlier ? merge(earlier, write) : write);
  }
  return [...merged.values()];
}

function merge(first: Write, second: Write): Write {
  if (first.since && second.since && second.since.at < first.since.at) return first;
  const set = { ...first.set, ...second.set };
  // What the second has for a new document never counts: after the first there is a document.
  return { ...second, set, setOnInsert: without(first.setOnInsert, set) };
}

/** MongoDB refuses to set a member twice in one update. */
function without(document: Document = {}, members: Document): Document {
  const rest: Document = {};
  for (const name of Object.keys(document)) {
    if (!Object.hasOwn(members, name)) rest[name] = document[name];
  }
  return rest;
}
