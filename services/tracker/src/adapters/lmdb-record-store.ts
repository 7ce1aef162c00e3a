import { GovernanceError, type Log } from "@mcp-governance-bridge/shared";
import { open } from "lmdb";
import { Aggregator } from "mingo";
import type { RecordStore, Write } from "../record-store.ts";
import { planOf } from "./lmdb-plan.ts";
import { createShelves, MAP_BYTES, MAX_DATABASES } from "./lmdb-shelf.ts";

interface LmdbOptions {
  /** A folder; made when it does not exist. Only one process may write to it. */
  path: string;
  log: Log;
}

/** The record in a folder. What `apply` has kept survives the death of the process. */
export function openLmdbRecordStore({ path, log }: LmdbOptions): RecordStore {
  const root = open({ path, maxDbs: MAX_DATABASES, mapSize: MAP_BYTES });
  const shelves = createShelves(root);
  let last: Promise<unknown> = Promise.resolve();
  let closing: Promise<void> | undefined;
  log.debug({ path }, "record store is open");

  const checkOpen = (): void => {
    if (closing) throw new GovernanceError("store.unavailable", "the record store is closed");
  };
  const commit = async (writes: readonly Write[]): Promise<void> => {
    // Puts of one turn of the event loop are one transaction: nothing may be awaited between them.
    for (const write of writes) shelves.of(write.collection).apply(write);
    await root.committed;
    for (const shelf of shelves.values()) shelf.settle();
  };

  return {
    async apply(writes) {
      checkOpen();
      const committed = last.then(() => commit(writes));
      last = committed.catch(() => undefined);
      await committed;
    },
    async aggregate(collection, pipeline) {
      checkOpen();
      const plan = planOf(pipeline);
      return new Aggregator([...plan.rest]).run(shelves.of(collection).read(plan));
    },
    ping: async () => checkOpen(),
    close() {
      closing ??= last.then(() => root.close());
      return closing;
    },
  };
}
