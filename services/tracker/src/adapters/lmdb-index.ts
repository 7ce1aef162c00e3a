import type { Database, Key, RangeOptions, RootDatabase } from "lmdb";
import type { RecordIndex } from "../record-indexes.ts";
import type { Document } from "../record-store.ts";
import { pointOf, type Scalar } from "./conditions.ts";
import { isAmong, type Stretch } from "./lmdb-plan.ts";

/** Longer texts are told apart when the document is read: a key has its limit. */
const MAX_CHARS = 48;
/** After every value there is. */
const END = Buffer.from([0xff]);
/** Stands for what is neither a date nor a number, and is before them all. */
const NONE = false;

export type Entry = Key[];

/** `[...by, order, id]`. */
export interface Index {
  definition: RecordIndex;
  /** Puts without waiting, like the shelf that it belongs to. */
  change(id: string, before: Document | undefined, after: Document | undefined): void;
  /** Ids in the order of the index. */
  ids(stretch: Stretch): Iterable<string>;
  entries(): number;
  clear(): void;
}

/** Says which members it is over, and so names its database. */
export function nameOf({ by, order }: RecordIndex): string {
  return [...by, ...(order === undefined ? [] : [order])].join(",");
}

/** Undefined where it is opened to be read and is not there. */
export function openIndex(root: RootDatabase, collection: string, definition: RecordIndex): Index | undefined {
  const keys: Database<true, Entry> = root.openDB({ name: `${collection}.${nameOf(definition)}` });
  if (!keys) return undefined;
  const length = definition.by.length + (definition.order === undefined ? 0 : 1);

  function* part(values: readonly Scalar[], { range, isReversed }: Stretch): Iterable<Entry> {
    for (const entry of keys.getKeys(boundsOf(values.map(short), range, isReversed))) yield entry;
  }

  return {
    definition,
    change(id, before, after) {
      const old = before ? keysOf(definition, before) : [];
      const wanted = after ? keysOf(definition, after) : [];
      for (const key of without(old, wanted)) void keys.remove([...key, id]);
      for (const key of without(wanted, old)) void keys.put([...key, id], true);
    },
    *ids(stretch) {
      const parts = stretch.values.map((values) => part(values, stretch));
      for (const entry of parts.length === 1 ? (parts[0] ?? []) : merged(parts, stretch)) yield entry[length] as string;
    },
    entries: () => (keys.getStats() as { entryCount: number }).entryCount,
    clear: () => keys.clearSync(),
  };
}

const short = (value: Scalar): Scalar => (typeof value === "string" ? value.slice(0, MAX_CHARS) : value);

/** None where a document is not in the index; several where a member is a list. */
function keysOf({ by, order, only }: RecordIndex, document: Document): Entry[] {
  for (const field in only)
    if (!listOf(memberOf(document, field)).some((each) => isAmong(each, only[field] ?? []))) return [];
  let keys: Entry[] = [[]];
  for (const field of by) {
    const values = listOf(memberOf(document, field));
    keys = keys.flatMap((key) => values.map((value) => [...key, value]));
  }
  if (order === undefined) return keys;
  const point = pointOf(document[order]) ?? NONE;
  for (const key of keys) key.push(point);
  return keys;
}

/** All of them where there are lists on the way. */
function memberOf(value: unknown, path: string): unknown {
  const dot = path.indexOf(".");
  if (Array.isArray(value)) return value.flatMap((each) => memberOf(each, path));
  if (typeof value !== "object" || value === null) return undefined;
  if (dot === -1) return (value as Document)[path];
  return memberOf((value as Document)[path.slice(0, dot)], path.slice(dot + 1));
}

function listOf(value: unknown): Scalar[] {
  if (typeof value === "string" || typeof value === "boolean") return [short(value)];
  return Array.isArray(value) ? [...new Set(value.filter((each) => !Array.isArray(each)).flatMap(listOf))] : [];
}

/** Those of the first that are not among the second. */
function without(keys: readonly Entry[], others: readonly Entry[]): Entry[] {
  return keys.filter((key) => !others.some((other) => key.every((part, at) => part === other[at])));
}

/** A key that ends earlier comes before all that go on. */
function boundsOf(values: readonly Scalar[], { from, to }: Stretch["range"], isReversed: boolean): RangeOptions {
  const low = from === undefined ? [...values] : [...values, from];
  const high = to === undefined ? [...values, END] : [...values, to, END];
  // An empty key is none.
  if (low.length === 0) low.push(NONE);
  return isReversed ? { start: high, end: low, reverse: true } : { start: low, end: high };
}

/** What each part has in order, all in order. */
function* merged(parts: Iterable<Entry>[], { index, isReversed }: Stretch): Iterable<Entry> {
  const from = index.by.length;
  const cursors = parts.map((part) => part[Symbol.iterator]());
  let heads = cursors.flatMap((cursor) => headOf(cursor));
  const seen = { id: "" };
  while (heads.length > 0) {
    const next = heads.reduce((best, head) => (isBefore(head.entry, best.entry, from) !== isReversed ? head : best));
    const id = next.entry.at(-1) as string;
    // A document whose member is a list may be in several parts, at the same place in each.
    if (id !== seen.id) yield next.entry;
    seen.id = id;
    heads = heads.flatMap((head) => (head === next ? headOf(head.cursor) : head));
  }
}

interface Head {
  cursor: Iterator<Entry>;
  entry: Entry;
}

function headOf(cursor: Iterator<Entry>): Head[] {
  const { done, value } = cursor.next();
  return done ? [] : [{ cursor, entry: value }];
}

function isBefore(one: Entry, other: Entry, from: number): boolean {
  for (let at = from; at < one.length; at += 1) {
    const [mine, theirs] = [one[at], other[at]];
    if (mine !== theirs) return mine === NONE || (theirs !== NONE && (mine as string) < (theirs as string));
  }
  return false;
}
