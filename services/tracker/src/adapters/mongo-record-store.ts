import { setTimeout as sleep } from "node:timers/promises";
import { GovernanceError, type Log } from "@mcp-governance-bridge/shared";
import { type Db, MongoClient } from "mongodb";
import { recordIndexes } from "../record-indexes.ts";
import type { Collection, Document, RecordStore, StoreStatus } from "../record-store.ts";
import type { Explanation } from "./explanation.ts";
import { messageOf, rethrow } from "./mongo-errors.ts";
import { prepareCollections } from "./mongo-indexes.ts";
import { createMongoQuestions } from "./mongo-questions.ts";
import { type Retained, retainInMongo } from "./mongo-retention.ts";
import { applyWrites } from "./mongo-writes.ts";

interface MongoOptions {
  uri: string;
  database: string;
  log: Log;
}

export interface MongoRecordStore extends RecordStore {
  /** How the server answers a pipeline. */
  explain(collection: Collection, pipeline: readonly Document[]): Promise<Explanation>;
}

const SERVER_SELECTION_MS = 3_000;
const RETRY_MS = 1_000;

/**
 * The record in MongoDB, kept when a majority has it. Returns at once; collections and indexes are made when the
 * database can be reached, and until then `ping` rejects, and `retain` is put off.
 */
export function connectMongoRecordStore({ uri, database, log }: MongoOptions): MongoRecordStore {
  const client = new MongoClient(uri, {
    writeConcern: { w: "majority" },
    ignoreUndefined: true,
    serverSelectionTimeoutMS: SERVER_SELECTION_MS,
  });
  const db = client.db(database);
  const questions = createMongoQuestions(db);
  const stopping = new AbortController();
  let notReady: string | undefined = "not connected yet";
  let retained: Retained | undefined;

  const prepareOnce = async (): Promise<void> => {
    // Once a first connection has failed, the driver makes no other by itself.
    await client.connect();
    await prepareCollections(db);
    let done: Retained | undefined;
    while (retained !== done) {
      done = retained;
      await retainInMongo(db, done ?? {});
    }
    notReady = undefined;
  };
  const prepare = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      try {
        await prepareOnce();
        log.info({ database }, "record store is ready");
        return;
      } catch (error) {
        notReady = messageOf(error);
        if (!stopping.signal.aborted) log.warn({ reason: notReady }, "record store is not ready; trying again");
        await sleep(RETRY_MS, undefined, { signal: stopping.signal }).catch(() => undefined);
      }
    }
  };
  const prepared = prepare();

  return {
    apply: (writes) => applyWrites(db, writes).catch(rethrow),
    aggregate: (collection, pipeline) => questions.aggregate(collection, pipeline).catch(rethrow),
    explain: (collection, pipeline) => questions.explain(collection, pipeline).catch(rethrow),
    remove: (collection, ids) => removeFrom(db, collection, ids).catch(rethrow),
    async retain(days) {
      retained = { ...days };
      if (notReady === undefined) await retainInMongo(db, retained).catch(rethrow);
    },
    status: () => statusOf(db).catch(rethrow),
    async ping() {
      if (notReady !== undefined) throw new GovernanceError("store.unavailable", notReady);
      await db.command({ ping: 1 }).catch(rethrow);
    },
    async close() {
      stopping.abort();
      await client.close();
      await prepared;
    },
  };
}

async function removeFrom(db: Db, collection: Collection, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  await db.collection<{ _id: string }>(collection).deleteMany({ _id: { $in: [...ids] } });
}

async function statusOf(db: Db): Promise<StoreStatus> {
  const names = Object.keys(recordIndexes) as Collection[];
  const [stats, ...counts] = await Promise.all([
    db.stats(),
    ...names.map((name) => db.collection(name).estimatedDocumentCount()),
  ]);
  return {
    bytes: Number(stats.storageSize) + Number(stats.indexSize),
    indexes: Number(stats.indexes),
    documents: Object.fromEntries(names.map((name, index) => [name, counts[index] ?? 0])),
  };
}
