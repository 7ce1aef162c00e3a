import type { Log } from "@mcp-governance-bridge/shared";
import type { Database, RootDatabase } from "lmdb";
import { type RecordIndex, recordIndexes } from "../record-indexes.ts";
import type { Collection, Document } from "../record-store.ts";
import { type Index, nameOf, openIndex } from "./lmdb-index.ts";
import { createShelf, fill, indexesOf, NOTHING, openDocuments, type Shelf } from "./lmdb-shelf.ts";

/** The collections of a folder, opened when first asked for. */
export interface Shelves {
  of(collection: Collection): Shelf;
  opened(): Iterable<Shelf>;
}

/** By database of an index: how it was defined when it was filled. What is not here is not to be read. */
type Made = Database<string, string>;

/** Changes with the form of keys. */
const FORM = 1;

const COLLECTIONS = Object.keys(recordIndexes) as Collection[];

const databaseOf = (collection: Collection, index: RecordIndex): string => `${collection}.${nameOf(index)}`;
const signatureOf = (index: RecordIndex): string => JSON.stringify([FORM, index.only ?? null]);

/** To be written to. Indexes that a folder of before lacks are made at once, and those that nobody asks for any more go. */
export function openShelves(root: RootDatabase, log: Log): Shelves {
  const made: Made = root.openDB({ name: "indexes" });
  const existing = new Set([...root.getKeys()].map(String));
  dropObsolete(root, made);
  const shelves = createShelves((collection) => {
    const documents = openDocuments(root, collection);
    if (!documents) return NOTHING;
    const indexes = indexesOf(collection).flatMap((definition) => openIndex(root, collection, definition) ?? []);
    for (const index of indexes) make({ root, made, documents, log }, collection, index);
    return createShelf({ documents, indexes });
  });
  for (const collection of COLLECTIONS) if (existing.has(collection)) shelves.of(collection);
  return shelves;
}

/** To be read only, also while another process writes. */
export function openShelvesToRead(root: RootDatabase): Shelves {
  const made: Made | undefined = root.openDB({ name: "indexes" });
  return createShelves((collection) => {
    const documents = openDocuments(root, collection);
    if (!documents) return NOTHING;
    const definitions = indexesOf(collection).filter(
      (definition) => made?.get(databaseOf(collection, definition)) === signatureOf(definition),
    );
    const indexes = definitions.flatMap((definition) => openIndex(root, collection, definition) ?? []);
    return createShelf({ documents, indexes });
  });
}

function createShelves(open: (collection: Collection) => Shelf): Shelves {
  const shelves = new Map<Collection, Shelf>();
  const of = (collection: Collection): Shelf => {
    const known = shelves.get(collection);
    if (known) return known;
    const shelf = open(collection);
    shelves.set(collection, shelf);
    return shelf;
  };
  return { of, opened: () => shelves.values() };
}

interface Folder {
  root: RootDatabase;
  made: Made;
  documents: Database<Document, string>;
  log: Log;
}

function make({ root, made, documents, log }: Folder, collection: Collection, index: Index): void {
  const name = databaseOf(collection, index.definition);
  if (made.get(name) === signatureOf(index.definition)) return;
  const isEmpty = [...documents.getKeys({ limit: 1 })].length === 0;
  if (!isEmpty) {
    log.info({ index: name }, "an index is made of what is on record");
    fill(root, documents, index);
  }
  made.putSync(name, signatureOf(index.definition));
}

function dropObsolete(root: RootDatabase, made: Made): void {
  const wanted = new Set(COLLECTIONS.flatMap((each) => indexesOf(each).map((index) => databaseOf(each, index))));
  for (const name of [...made.getKeys()].filter((each) => !wanted.has(each))) {
    root.openDB({ name }).dropSync();
    made.removeSync(name);
  }
}
