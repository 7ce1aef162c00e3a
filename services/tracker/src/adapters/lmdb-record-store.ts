import { statSync } from "node:fs";
import { join } from "node:path";
import { GovernanceError, type Log } from "@mcp-governance-bridge/shared";
import { open } from "lmdb";
import { recordIndexes } from "../record-indexes.ts";
import type { Collection, Document, RecordStore, StoreStatus, Write } from "../record-store.ts";
import type { Explanation } from "./explanation.ts";
import { answer, explain } from "./lmdb-answer.ts";
import { MAP_BYTES, MAX_DATABASES } from "./lmdb-shelf.ts";
import { openShelves, type Shelves } from "./lmdb-shelves.ts";
import { createSweep, type SweepTimes } from "./lmdb-sweep.ts";

interface LmdbOptions {
  /** A folder; made when it does not exist. Only one process may write to it. */
  path: string;
  log: Log;
  /** When what has expired is removed. */
  sweep?: SweepTimes;
}

export interface LmdbRecordStore extends RecordStore {
  /** How a pipeline is answered. Reads what the answer would read. */
  explain(collection: Collection, pipeline: readonly Document[]): Promise<Explanation>;
}

const SWEEP: SweepTimes = { firstMs: 5_000, everyMs: 300_000 };

/** The record in a folder. What `apply` has kept survives the death of the process. */
export function openLmdbRecordStore({ path, log, sweep: times = SWEEP }: LmdbOptions): LmdbRecordStore {
  const root = open({ path, maxDbs: MAX_DATABASES, mapSize: MAP_BYTES });
  const shelves = openShelves(root, log);
  const reading = new Set<Promise<unknown>>();
  let last: Promise<unknown> = Promise.resolve();
  let closing: Promise<void> | undefined;
  log.debug({ path }, "record store is open");

  const check = (): void => {
    if (closing !== undefined) throw new GovernanceError("store.unavailable", "the record store is closed");
  };
  const commit = async (puts: () => void): Promise<void> => {
    // Puts of one turn of the event loop are one transaction: nothing may be awaited between them.
    puts();
    await root.committed;
    for (const shelf of shelves.opened()) shelf.settle();
  };
  const inTurn = async (puts: () => void): Promise<void> => {
    const committed = last.then(() => commit(puts));
    last = committed.catch(() => undefined);
    await committed;
  };
  const remove = (collection: Collection, ids: readonly string[]): Promise<void> =>
    inTurn(() => {
      for (const id of ids) shelves.of(collection).remove(id);
    });
  const sweep = createSweep({ shelves, remove, times, log });
  /** What is closed under a reader would take the process with it. */
  const whileOpen = async <T>(read: () => Promise<T>): Promise<T> => {
    check();
    const result = read();
    reading.add(result);
    try {
      return await result;
    } finally {
      reading.delete(result);
    }
  };

  return {
    async apply(writes) {
      check();
      await inTurn(() => applyAll(shelves, writes));
    },
    async remove(collection, ids) {
      check();
      await remove(collection, ids);
    },
    aggregate: (collection, pipeline) => whileOpen(() => answer({ shelf: shelves.of(collection), pipeline, check })),
    explain: (collection, pipeline) => whileOpen(() => explain({ shelf: shelves.of(collection), pipeline, check })),
    async retain(days) {
      check();
      sweep.retain(days);
    },
    async status() {
      check();
      return statusOf(path, shelves);
    },
    ping: async () => check(),
    close() {
      closing ??= Promise.allSettled([sweep.stop(), last, ...reading]).then(() => root.close());
      return closing;
    },
  };
}

function applyAll(shelves: Shelves, writes: readonly Write[]): void {
  for (const write of writes) shelves.of(write.collection).apply(write);
}

function statusOf(path: string, shelves: Shelves): StoreStatus {
  const counts = (Object.keys(recordIndexes) as Collection[]).map((name) => [name, shelves.of(name).count()] as const);
  return {
    bytes: statSync(join(path, "data.mdb")).size,
    indexes: counts.reduce((sum, [, { indexes }]) => sum + indexes, 0),
    documents: Object.fromEntries(counts.map(([name, { documents }]) => [name, documents])),
  };
}
