import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { silentLog } from "@mcp-governance-bridge/shared";
import { MongoClient } from "mongodb";
import { afterEach, describe, expect, test, vi } from "vitest";
import { anArtifacts, anExport, finished, seedCalls, textOf } from "../../test/artifacts.ts";
import { after } from "../../test/builders.ts";
import { openLmdbRecordStore } from "../adapters/lmdb-record-store.ts";
import { connectMongoRecordStore } from "../adapters/mongo-record-store.ts";
import { createTimerJobQueue } from "../adapters/timer-job-queue.ts";
import type { RecordStore } from "../record-store.ts";
import { findArtifact } from "./artifact.ts";

const { MONGODB_URI, REDIS_URL } = process.env;
const CALLS = 3_000;
const WORKER = join(import.meta.dirname, "../../test/artifact-worker.ts");

const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
});

async function start(args: readonly string[], flags: readonly string[] = []): Promise<ChildProcess> {
  const all = [...flags, "--conditions=source", "--import", "tsx", WORKER, ...args];
  const child = spawn(process.execPath, all, { stdio: ["ignore", "pipe", "inherit"] });
  children.push(child);
  if (child.stdout) await once(child.stdout, "data");
  return child;
}

/** Orders for others to make: nobody here works. */
const orderer = (store: RecordStore) =>
  anArtifacts({ store, queue: { define: () => {}, every: () => {}, add: async () => {} } });

const pagesOf = async (store: RecordStore, id: string): Promise<number> => (await findArtifact(store, id))?.pages ?? 0;
const linesOf = (text: string): string[] => text.split("\n").slice(1);

describe.runIf(MONGODB_URI && REDIS_URL)("an export whose process is killed", () => {
  test("is finished by another, and is as if nothing had happened", { timeout: 90_000 }, async () => {
    const database = `tracker_${randomUUID().slice(0, 8)}`;
    const store = connectMongoRecordStore({ uri: MONGODB_URI ?? "", database, log: silentLog });
    await vi.waitFor(() => store.ping(), { timeout: 30_000, interval: 50 });
    await seedCalls(store, CALLS);
    const artifacts = orderer(store);
    const order = await artifacts.orderExport(anExport());

    const prefix = `crash-${randomUUID()}`;
    const first = await start(["mongodb", database, prefix, "150"]);
    await vi.waitFor(async () => expect(await pagesOf(store, order._id)).toBeGreaterThan(2), { timeout: 30_000 });
    first.kill("SIGKILL");
    await once(first, "exit");
    const kept = await pagesOf(store, order._id);
    expect(kept).toBeLessThan((2 * CALLS) / 500);
    expect(await artifacts.find("export", order._id)).toMatchObject({ status: "running" });

    await start(["mongodb", database, prefix, "0"]);
    const done = await finished(artifacts, order);
    expect(done).toMatchObject({ status: "done", progress: { records: 2 * CALLS, fraction: 1 } });

    const undisturbed = createTimerJobQueue({ log: silentLog });
    const others = anArtifacts({ store, queue: undisturbed });
    const second = await others.orderExport(anExport());
    await finished(others, second);
    expect(linesOf(await textOf(artifacts, order._id))).toEqual(linesOf(await textOf(artifacts, second._id)));
    await undisturbed.close();
    await store.close();
    const client = new MongoClient(MONGODB_URI ?? "");
    await client.db(database).dropDatabase();
    await client.close();
  });
});

test("a hundred thousand calls are exported in a heap that does not hold them", { timeout: 240_000 }, async () => {
  const path = await mkdtemp(join(tmpdir(), "export-"));
  const store = openLmdbRecordStore({ path, log: silentLog });
  const text = "x".repeat(1_500);
  await seedCalls(store, 100_000, { step: 1, text });
  const { _id: id } = await orderer(store).orderExport(
    anExport({ collections: ["tool_logs"], to: new Date(after(100_000)) }),
  );
  await store.close();

  const child = await start(["lmdb", path, "", "0"], ["--max-old-space-size=96"]);
  const reader = openLmdbRecordStore({ path, log: silentLog });
  const isDone = async () => expect((await findArtifact(reader, id))?.status).toBe("done");
  await vi.waitFor(isDone, { timeout: 180_000, interval: 250 });
  expect(child.exitCode).toBeNull();
  const done = await findArtifact(reader, id);
  expect(done?.progress.records).toBe(100_000);
  expect(done?.files[0]?.size).toBeGreaterThan(250_000_000);
  await reader.close();
  child.kill("SIGKILL");
  await once(child, "exit");
  await rm(path, { recursive: true, force: true });
});
