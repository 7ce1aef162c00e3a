import type { Document, Write } from "../src/record-store.ts";

/** When the tracker writes. */
export const now = new Date("2026-03-01T12:00:00.000Z");

/** What a new document has after the write. */
export const documentOf = ({ set, setOnInsert }: Write): Document => ({ ...setOnInsert, ...set });

export const find = (writes: readonly Write[], collection: string): Write[] =>
  writes.filter((write) => write.collection === collection);
