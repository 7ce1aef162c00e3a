import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { silentLog } from "@mcp-governance-bridge/shared";
import { open } from "lmdb";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Document, Write } from "../record-store.ts";
import { openLmdbRecordReader } from "./lmdb-record-reader.ts";
import { openLmdbRecordStore } from "./lmdb-record-store.ts";
import { MAP_BYTES, MAX_DATABASES } from "./lmdb-shelf.ts";

let path: string;
beforeEach(async () => {
  path = await mkdtemp(join(tmpdir(), "tracker-"));
});
afterEach(() => rm(path, { recursive: true, force: true }));

const aWrite = (index: number, set: Document): Write => ({
  collection: "tool_logs",
  id: `id${String(index).padStart(5, "0")}`,
  set: { timestamp: new Date(1_000 + index), ...set },
});
const newestOf = (server_name: string) => [
  { $match: { server_name } },
  { $sort: { timestamp: -1, _id: -1 } },
  { $limit: 3 },
];

/** A folder as it was before there were indexes but the one over time. */
async function anOldFolder(count: number): Promise<void> {
  const root = open({ path, maxDbs: MAX_DATABASES, mapSize: MAP_BYTES });
  const documents = root.openDB({ name: "tool_logs", sharedStructuresKey: Symbol.for("structures") });
  const byTime = root.openDB({ name: "tool_logs.timestamp" });
  for (let index = 0; index < count; index += 1) {
    const { id, set } = aWrite(index, { server_name: `s${index % 10}` });
    void documents.put(id, { _id: id, ...set });
    void byTime.put([(set.timestamp as Date).getTime(), id], true);
  }
  await root.close();
}

test("a folder of before has its indexes made when it is opened, once", async () => {
  await anOldFolder(5_000);
  const said: string[] = [];
  const log = { ...silentLog, info: (members: { index: string }) => said.push(members.index) } as never;
  const store = openLmdbRecordStore({ path, log });
  expect(said).toContain("tool_logs.server_name,timestamp");
  expect((await store.aggregate("tool_logs", newestOf("s7"))).map(({ _id }) => _id)).toEqual([
    "id04997",
    "id04987",
    "id04977",
  ]);
  expect(await store.explain("tool_logs", newestOf("s7"))).toEqual({
    indexes: ["server_name,timestamp"],
    isScan: false,
    documents: 3,
  });
  expect((await store.status()).documents.tool_logs).toBe(5_000);
  await store.close();

  said.length = 0;
  await openLmdbRecordStore({ path, log }).close();
  expect(said).toEqual([]);
});

test("a reader answers the same of a folder of before, and makes nothing there", async () => {
  await anOldFolder(50);
  const reader = openLmdbRecordReader(path);
  expect((await reader.aggregate("tool_logs", newestOf("s7"))).map(({ _id }) => _id)).toEqual([
    "id00047",
    "id00037",
    "id00027",
  ]);
  expect(await reader.aggregate("tool_logs", [])).toHaveLength(50);
  expect(await reader.aggregate("sessions", [])).toEqual([]);
  await reader.close();
});

test("a reader sees what is written beside it, by the writer's indexes", async () => {
  const store = openLmdbRecordStore({ path, log: silentLog });
  await store.apply([aWrite(1, { server_name: "a" })]);
  const reader = openLmdbRecordReader(path);
  expect(await reader.aggregate("tool_logs", newestOf("a"))).toHaveLength(1);
  await store.apply([aWrite(2, { server_name: "a" })]);
  expect(await reader.aggregate("tool_logs", newestOf("a"))).toHaveLength(2);
  await Promise.all([reader.close(), store.close()]);
});

test("what nobody asks for any more is dropped", async () => {
  await openLmdbRecordStore({ path, log: silentLog }).close();
  const root = open({ path, maxDbs: MAX_DATABASES, mapSize: MAP_BYTES });
  await root.openDB({ name: "tool_logs.colour,timestamp" }).put(["red", 1, "id"], true);
  await root.openDB({ name: "indexes" }).put("tool_logs.colour,timestamp", "[1,null]");
  await root.close();
  await openLmdbRecordStore({ path, log: silentLog }).close();
  const after = open({ path, maxDbs: MAX_DATABASES, mapSize: MAP_BYTES, readOnly: true });
  expect([...after.getKeys()]).not.toContain("tool_logs.colour,timestamp");
  await after.close();
});

test("a long answer lets others have their turn, and ends when the store is closed", async () => {
  const store = openLmdbRecordStore({ path, log: silentLog });
  const text = "x".repeat(2_000);
  for (let begin = 0; begin < 20_000; begin += 2_000) {
    await store.apply(Array.from({ length: 2_000 }, (_, index) => aWrite(begin + index, { text, n: index })));
  }
  let turns = 0;
  const timer = setInterval(() => {
    turns += 1;
  }, 1);
  const count = await store.aggregate("tool_logs", [{ $match: { n: { $gte: 0 } } }, { $count: "n" }]);
  clearInterval(timer);
  expect(count).toEqual([{ n: 20_000 }]);
  expect(turns).toBeGreaterThan(3);

  const reading = store.aggregate("tool_logs", [{ $match: { n: { $gte: 0 } } }]);
  const closed = store.close();
  await expect(reading).rejects.toMatchObject({ code: "store.unavailable" });
  await closed;
});

const DAY = 86_400_000;

test("what has expired goes, and what is within its grace stays", { timeout: 30_000 }, async () => {
  const store = openLmdbRecordStore({ path, log: silentLog, sweep: { firstMs: 10, everyMs: 20 } });
  const now = Date.now();
  const old = (index: number, hours: number) => aWrite(index, { timestamp: new Date(now - DAY - hours * 3_600_000) });
  const expired = Array.from({ length: 500 }, (_, index) => old(index, 3 + index));
  const noTime: Write = { collection: "tool_logs", id: "none", set: { timestamp: null } };
  await store.apply([...expired, old(900, 1), old(901, -3), noTime, { ...old(1, 5), collection: "sessions" }]);
  await store.retain({ tool_logs: 1 });
  const left = async () => (await store.aggregate("tool_logs", [{ $sort: { _id: 1 } }])).map(({ _id }) => _id);
  await expect.poll(left, { timeout: 20_000 }).toEqual(["id00900", "id00901", "none"]);
  expect(await store.aggregate("sessions", [])).toHaveLength(1);

  await store.retain({ sessions: 1 });
  await store.apply([old(7, 10)]);
  await expect.poll(() => store.aggregate("sessions", [])).toEqual([]);
  expect(await left()).toContain("id00007");
  await store.close();
});
