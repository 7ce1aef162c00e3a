import { setTimeout as sleep } from "node:timers/promises";
import { GovernanceError, type Log } from "@mcp-governance-bridge/shared";
import {
  type AnyBulkWriteOperation,
  type Db,
  MongoBulkWriteError,
  MongoClient,
  MongoError,
  MongoServerError,
} from "mongodb";
import type { Collection, Document, RecordStore, Write } from "../record-store.ts";
import { prepareCollections } from "./mongo-indexes.ts";

interface MongoOptions {
  uri: string;
  database: string;
  log: Log;
}

type Stored = Document & { _id: string };

const SERVER_SELECTION_MS = 3_000;
const RETRY_MS = 1_000;
const DUPLICATE_KEY = 11_000;

/**
 * The record in MongoDB, kept when a majority has it. Returns at once; collections and indexes are made when the
 * database can be reached, and until then `ping` rejects.
 */
export function connectMongoRecordStore({ uri, database, log }: MongoOptions): RecordStore {
  const client = new MongoClient(uri, {
    writeConcern: { w: "majority" },
    ignoreUndefined: true,
    serverSelectionTimeoutMS: SERVER_SELECTION_MS,
  });
  const db = client.db(database);
  const stopping = new AbortController();
  let notReady: string | undefined = "not connected yet";

  const prepare = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      try {
        // Once a first connection has failed, the driver makes no other by itself.
        await client.connect();
        await prepareCollections(db);
        notReady = undefined;
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
    async apply(writes) {
      await Promise.all([...byCollection(writes)].map(([name, group]) => applyTo(db, name, group))).catch(rethrow);
    },
    async aggregate(collection, pipeline) {
      return db
        .collection(collection)
        .aggregate([...pipeline])
        .toArray()
        .catch(rethrow);
    },
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

function byCollection(writes: readonly Write[]): Map<Collection, Write[]> {
  const groups = new Map<Collection, Write[]>();
  for (const write of writes) {
    const group = groups.get(write.collection);
    if (group) group.push(write);
    else groups.set(write.collection, [write]);
  }
  return groups;
}

async function applyTo(db: Db, name: Collection, writes: readonly Write[]): Promise<void> {
  const collection = db.collection<Stored>(name);
  try {
    await collection.bulkWrite(
      writes.map((write) => operation(write, true)),
      { ordered: false },
    );
  } catch (error) {
    // The document came into being meanwhile, or has a later fact: now it is there, and is only to be updated.
    const again = duplicatesOf(error)
      .map((index) => writes[index])
      .filter((write) => write !== undefined);
    await collection.bulkWrite(
      again.map((write) => operation(write, false)),
      { ordered: false },
    );
  }
}

/** Which operations failed, where all of them did because the key exists; throws the error where it is another. */
function duplicatesOf(error: unknown): number[] {
  if (!(error instanceof MongoBulkWriteError)) throw error;
  const failures = [error.writeErrors].flat();
  if (failures.length === 0 || failures.some(({ code }) => code !== DUPLICATE_KEY)) throw error;
  return failures.map(({ index }) => index);
}

function operation({ id, set, setOnInsert, since }: Write, upsert: boolean): AnyBulkWriteOperation<Stored> {
  const isNotLater = since && { [since.field]: { $not: { $gt: since.at } } };
  const hasOnInsert = setOnInsert && Object.keys(setOnInsert).length > 0;
  return {
    updateOne: {
      filter: { _id: id, ...isNotLater },
      update: { $set: set, ...(hasOnInsert && { $setOnInsert: setOnInsert }) },
      upsert,
    },
  };
}

/** What the server refused is a fault of ours; any other failure of the driver means that no server could do it now. */
function rethrow(error: unknown): never {
  if (!(error instanceof MongoError) || isRefusal(error)) throw error;
  throw new GovernanceError("store.unavailable", messageOf(error), { cause: error });
}

/** A bulk write gives a lost connection the form of an answer, but without a code. */
function isRefusal(error: MongoError): boolean {
  return error instanceof MongoServerError && error.code !== undefined && !error.hasErrorLabel("RetryableWriteError");
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
