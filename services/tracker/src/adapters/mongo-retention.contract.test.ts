import { randomUUID } from "node:crypto";
import { silentLog } from "@mcp-governance-bridge/shared";
import { MongoClient } from "mongodb";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { recordIndexes } from "../record-indexes.ts";
import { descriptionOf } from "./mongo-indexes.ts";
import { connectMongoRecordStore } from "./mongo-record-store.ts";

const uri = process.env.MONGODB_URI;
const database = `tracker_${randomUUID().slice(0, 8)}`;
const client = new MongoClient(uri ?? "mongodb://127.0.0.1:1");
const db = client.db(database);

const aStore = () => connectMongoRecordStore({ uri: uri ?? "", database, log: silentLog });
const isReady = (store: ReturnType<typeof aStore>) => vi.waitFor(() => store.ping(), { timeout: 20_000, interval: 50 });
const indexesOf = async (collection: string) => db.collection(collection).indexes();
const expiryOf = async (collection: string) =>
  (await indexesOf(collection)).find(({ name }) => name === "retention")?.expireAfterSeconds;

beforeAll(async () => {
  if (uri) await client.connect();
});
afterAll(async () => {
  if (uri) await db.dropDatabase();
  await client.close();
});

const DAY_SECONDS = 86_400;
const GRACE_SECONDS = 7_200;

test.runIf(uri)("makes the indexes of the record, and drops those of before, but nobody else's", async () => {
  await db.collection("tool_logs").createIndex({ status: 1 });
  await db.collection("tool_logs").createIndex({ output_size: 1 });
  const [one, other] = [aStore(), aStore()];
  await Promise.all([isReady(one), isReady(other)]);
  const names = async (collection: string) => (await indexesOf(collection)).map(({ name }) => name).sort();
  for (const [collection, wanted] of Object.entries(recordIndexes)) {
    const others = collection === "tool_logs" ? ["output_size_1"] : [];
    const expected = ["_id_", ...others, ...wanted.map((index) => descriptionOf(index).name)];
    expect(await names(collection)).toEqual(expected.sort());
  }
  await Promise.all([one.close(), other.close()]);
});

test.runIf(uri)(
  "has the server remove what is older than so many days and the grace, as it was said last",
  async () => {
    const store = aStore();
    // Before the database was reached.
    await store.retain({ tool_logs: 30, sessions: 0.5 });
    await isReady(store);
    expect(await expiryOf("tool_logs")).toBe(30 * DAY_SECONDS + GRACE_SECONDS);
    expect(await expiryOf("sessions")).toBe(DAY_SECONDS / 2 + GRACE_SECONDS);
    expect(await expiryOf("governance_logs")).toBeUndefined();

    await store.retain({ tool_logs: 7 });
    expect(await expiryOf("tool_logs")).toBe(7 * DAY_SECONDS + GRACE_SECONDS);
    expect(await expiryOf("sessions")).toBeUndefined();
    await store.close();
  },
);

test.runIf(uri)("agrees with other trackers that say the same at once", async () => {
  const stores = [aStore(), aStore(), aStore()];
  await Promise.all(stores.map(isReady));
  const expected = (days: number | undefined) => days && days * DAY_SECONDS + GRACE_SECONDS;
  for (const alerts of [undefined, 400, 10, undefined]) {
    const days = { artifacts: 30, ...(alerts && { alerts }) };
    await Promise.all(stores.map((store) => store.retain(days)));
    expect(await expiryOf("alerts")).toBe(expected(alerts));
    expect(await expiryOf("artifacts")).toBe(expected(30));
  }
  await Promise.all(stores.map((store) => store.close()));
});

test.runIf(uri)("is the server's work: what has expired goes within minutes", { timeout: 200_000 }, async () => {
  const store = aStore();
  await isReady(store);
  await store.retain({ record_reads: 1 });
  const now = Date.now();
  const aged = (id: string, hours: number) => ({
    collection: "record_reads" as const,
    id,
    set: { timestamp: new Date(now - hours * 3_600_000) },
  });
  await store.apply([aged("expired", 27), aged("within its grace", 25), aged("young", 1)]);
  const left = async () => (await store.aggregate("record_reads", [{ $sort: { _id: 1 } }])).map(({ _id }) => _id);
  await expect.poll(left, { timeout: 180_000, interval: 1_000 }).toEqual(["within its grace", "young"]);
  await store.close();
});
