import { isDeepStrictEqual } from "node:util";
import type { Document, Write } from "../record-store.ts";

/** The document as a write leaves it; undefined where it changes nothing. */
export function outcomeOf(present: Document | undefined, write: Write): Document | undefined {
  const { id, set, setOnInsert, since, onlyIf } = write;
  if (onlyIf) return present && has(present, onlyIf) ? { ...present, ...set } : undefined;
  // The larger first: an object that grows by more than it began with becomes a slow dictionary in V8.
  if (!present) return { ...set, _id: id, ...setOnInsert };
  if (Object.keys(set).length === 0) return undefined;
  const kept = since && present[since.field];
  return since && kept instanceof Date && kept > since.at ? undefined : { ...present, ...set };
}

function has(document: Document, members: Document): boolean {
  return Object.entries(members).every(([name, value]) => isDeepStrictEqual(document[name] ?? null, value));
}
