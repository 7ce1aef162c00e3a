import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { silentLog } from "@mcp-governance-bridge/shared";
import { MongoClient } from "mongodb";
import { vi } from "vitest";
import { type LmdbRecordStore, openLmdbRecordStore } from "../../src/adapters/lmdb-record-store.ts";
import { connectMongoRecordStore, type MongoRecordStore } from "../../src/adapters/mongo-record-store.ts";

/** A store in a folder of its own, which goes with `close`. */
export async function aLmdbStore(): Promise<LmdbRecordStore> {
  const path = await mkdtemp(join(tmpdir(), "tracker-"));
  const store = openLmdbRecordStore({ path, log: silentLog });
  const close = async (): Promise<void> => {
    await store.close();
    await rm(path, { recursive: true, force: true });
  };
  return { ...store, close };
}

/** A store in a database of its own, which goes with `close`. */
async function aMongoStore(uri: string): Promise<MongoRecordStore> {
  const database = `tracker_${randomUUID().slice(0, 8)}`;
  const store = connectMongoRecordStore({ uri, database, log: silentLog });
  await vi.waitFor(() => store.ping(), { timeout: 30_000, interval: 50 });
  const close = async (): Promise<void> => {
    await store.close();
    const client = new MongoClient(uri);
    await client.db(database).dropDatabase();
    await client.close();
  };
  return { ...store, close };
}

/** Every adapter of the port, with whether it can be tried here. */
export function recordStores(
  uri: string | undefined,
): [name: string, open: () => Promise<LmdbRecordStore | MongoRecordStore>, available: boolean][] {
  return [
    ["LMDB", aLmdbStore, true],
    ["MongoDB", () => aMongoStore(uri ?? ""), uri !== undefined],
  ];
}
