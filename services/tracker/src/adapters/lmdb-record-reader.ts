import { existsSync } from "node:fs";
import { join } from "node:path";
import { open } from "lmdb";
import { Aggregator } from "mingo";
import type { RecordReader } from "../record-store.ts";
import { planOf } from "./lmdb-plan.ts";
import { createShelves, MAP_BYTES, MAX_DATABASES } from "./lmdb-shelf.ts";

/** Whether there is a record in the folder. */
export function hasLmdbRecord(path: string): boolean {
  return existsSync(join(path, "data.mdb"));
}

/** Reads the record in a folder, also while another process writes to it. Throws where there is none. */
export function openLmdbRecordReader(path: string): RecordReader {
  if (!hasLmdbRecord(path)) throw new Error(`there is no record in ${path}`);
  const root = open({ path, readOnly: true, maxDbs: MAX_DATABASES, mapSize: MAP_BYTES });
  const shelves = createShelves(root);
  return {
    async aggregate(collection, pipeline) {
      const plan = planOf(pipeline);
      return new Aggregator([...plan.rest]).run(shelves.of(collection).read(plan));
    },
    close: () => root.close(),
  };
}
