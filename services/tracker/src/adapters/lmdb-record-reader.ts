import { existsSync } from "node:fs";
import { join } from "node:path";
import { open } from "lmdb";
import type { RecordReader } from "../record-store.ts";
import { answer } from "./lmdb-answer.ts";
import { MAP_BYTES, MAX_DATABASES } from "./lmdb-shelf.ts";
import { openShelvesToRead } from "./lmdb-shelves.ts";

/** Whether there is a record in the folder. */
export function hasLmdbRecord(path: string): boolean {
  return existsSync(join(path, "data.mdb"));
}

/** Reads the record in a folder, also while another process writes to it. Throws where there is none. */
export function openLmdbRecordReader(path: string): RecordReader {
  if (!hasLmdbRecord(path)) throw new Error(`there is no record in ${path}`);
  const root = open({ path, readOnly: true, maxDbs: MAX_DATABASES, mapSize: MAP_BYTES });
  const shelves = openShelvesToRead(root);
  return {
    aggregate: (collection, pipeline) => answer({ shelf: shelves.of(collection), pipeline, check: () => undefined }),
    close: () => root.close(),
  };
}
