import { randomUUID } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { silentLog } from "@mcp-governance-bridge/shared";
import { connectNats } from "@mcp-governance-bridge/shared/nats";
import { Kvm } from "@nats-io/kv";
import type { NatsConnection } from "@nats-io/transport-node";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { createMemoryRevisionStore } from "../../test/memory-revision-store.ts";
import { aRevision, fileDocument } from "../../test/revisions.ts";
import { startTcpRelay } from "../../test/tcp-relay.ts";
import type { Revision, RevisionStore } from "../revision-store.ts";
import { openDiskRevisionStore } from "./disk-revision-store.ts";
import { createNatsRevisionStore } from "./nats-revision-store.ts";

const url = process.env.NATS_URL;
if (process.env.REQUIRE_ALL_ADAPTERS === "1" && !url) throw new Error("NATS_URL is required");

const connections: NatsConnection[] = [];
const buckets: string[] = [];
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "revisions-"));
});
afterAll(async () => {
  for (const bucket of buckets) await (await new Kvm(await connected()).open(bucket)).destroy();
  for (const connection of connections) await connection.close();
  await rm(folder, { recursive: true });
});

async function connected(address = url!): Promise<NatsConnection> {
  const connection = await connectNats(address, { name: "revisions-test", log: silentLog });
  connections.push(connection);
  return connection;
}

function aBucket(): string {
  const bucket = `test_${randomUUID()}`;
  buckets.push(bucket);
  return bucket;
}

/** The same store as two replicas have it; on one machine there is only one. */
type Replicas = [one: RevisionStore, other: RevisionStore];
type Open = (kept?: number) => Promise<Replicas>;

const twice = (store: RevisionStore): Replicas => [store, store];

async function onNats(kept = 500): Promise<Replicas> {
  const bucket = aBucket();
  const open = async () => createNatsRevisionStore({ connection: await connected(), log: silentLog, bucket, kept });
  return [await open(), await open()];
}

const adapters: [name: string, open: Open, available: boolean][] = [
  ["memory", async (kept) => twice(createMemoryRevisionStore(kept)), true],
  ["disk", async (kept) => twice(await onDisk(kept)), true],
  ["nats", onNats, url !== undefined],
];

const onDisk = (kept = 500, directory = join(folder, randomUUID())) => openDiskRevisionStore({ directory, kept });

describe.each(adapters)("%s revision store", (_name, open, available) => {
  test.runIf(available)("has nothing to begin with", async () => {
    const [store] = await open();
    expect(await store.latest()).toBeUndefined();
    expect(await store.get(1)).toBeUndefined();
    expect(await store.list(10)).toEqual([]);
  });

  test.runIf(available)("gives every revision back on every replica as it was appended", async () => {
    const [one, other] = await open();
    const odd = fileDocument({ servers: { "a.b": { blocked_patterns: ["\u0000é😀"] } } });
    const first = aRevision(1, { why: "line\nbreak \u2028", document: odd, candidate: fileDocument() });
    expect(await one.append(first)).toBe(true);
    expect(await other.append(aRevision(2))).toBe(true);
    expect(await other.get(1)).toEqual(first);
    expect(await one.latest()).toEqual(aRevision(2));
    expect(await one.list(10)).toEqual([aRevision(2), first]);
    expect(await one.list(1)).toEqual([aRevision(2)]);
  });

  test.runIf(available)("gives a number to one of several that want it at once", async () => {
    const [one, other] = await open();
    const wanted = Array.from({ length: 10 }, (_, index) => aRevision(1, { who: `replica ${index}` }));
    const taken = await Promise.all(wanted.map((revision, index) => (index % 2 ? one : other).append(revision)));
    expect(taken.filter(Boolean)).toHaveLength(1);
    expect(await one.get(1)).toEqual(wanted[taken.indexOf(true)]);
    expect(await other.append(aRevision(1))).toBe(false);
  });

  test.runIf(available)("forgets the oldest, whose numbers stay taken", async () => {
    const [one, other] = await open(3);
    for (let number = 1; number <= 5; number++) await one.append(aRevision(number));
    expect((await other.list(10)).map(({ number }) => number)).toEqual([5, 4, 3]);
    expect(await other.get(2)).toBeUndefined();
    expect(await other.append(aRevision(2))).toBe(false);
    expect(await one.latest()).toEqual(aRevision(5));
  });

  test.runIf(available)("tells watchers on every replica what is newer than they know, within a second", async () => {
    const [one, other] = await open();
    await one.append(aRevision(1));
    await one.append(aRevision(2));
    const told: [string, number][] = [];
    const watch = (store: RevisionStore, who: string, after: number) =>
      store.watch(after, ({ number }) => told.push([who, number]));
    const watching = [watch(one, "knows 1", 1), watch(other, "knows 2", 2)];
    await vi.waitFor(() => expect(told).toEqual([["knows 1", 2]]), { timeout: 1_000 });
    told.length = 0;
    await one.append(aRevision(3));
    await vi.waitFor(() => expect(told).toHaveLength(2), { timeout: 1_000 });
    expect(new Map(told)).toEqual(
      new Map([
        ["knows 1", 3],
        ["knows 2", 3],
      ]),
    );
    for (const watcher of watching) await watcher.close();
    await one.append(aRevision(4));
    expect(await other.latest()).toEqual(aRevision(4));
    expect(told).toHaveLength(2);
  });
});

describe("disk revision store", () => {
  test("finds its revisions again, and nothing that a crash left unfinished", async () => {
    const directory = join(folder, randomUUID());
    await (await onDisk(500, directory)).append(aRevision(1));
    await writeFile(join(directory, "0000000002.json.x.unfinished"), '{"number":2');
    expect(await (await onDisk(500, directory)).list(10)).toEqual([aRevision(1)]);
  });

  test("rejects with the path of a file that cannot be read, rather than to undo an edit", async () => {
    const directory = join(folder, randomUUID());
    const store = await onDisk(500, directory);
    await store.append(aRevision(1));
    const path = join(directory, "0000000002.json");
    await writeFile(path, '{"number":2');
    await expect(store.latest()).rejects.toThrow(path);
  });
});

describe.runIf(url)("nats revision store", () => {
  test("rejects while NATS is away, and tells within a second after it is back what was appended meanwhile", async () => {
    const { hostname, port } = new URL(url!);
    const relay = await startTcpRelay({ host: hostname, port: Number(port) });
    const bucket = aBucket();
    const near = createNatsRevisionStore({ connection: await connected(), log: silentLog, bucket });
    const connection = await connected(`nats://127.0.0.1:${relay.port}`);
    const far = createNatsRevisionStore({ connection, log: silentLog, bucket });
    await near.append(aRevision(1));
    const told: Revision[] = [];
    const watching = far.watch(1, (revision) => told.push(revision));
    expect(await far.latest()).toEqual(aRevision(1));

    await relay.stop();
    await near.append(aRevision(2));
    await expect(far.append(aRevision(2))).rejects.toMatchObject({ code: "policy.unavailable" });
    expect(told).toEqual([]);
    await relay.start();
    await vi.waitUntil(
      () =>
        connection.rtt().then(
          () => true,
          () => false,
        ),
      { timeout: 5_000 },
    );
    await vi.waitFor(() => expect(told).toEqual([aRevision(2)]), { timeout: 1_500 });
    await watching.close();
    await relay.stop();
  });

  test("makes its bucket anew when it was lost", async () => {
    const [one, other] = await onNats();
    const told: number[] = [];
    const watching = other.watch(1, ({ number }) => told.push(number));
    await one.append(aRevision(1));
    await (await new Kvm(await connected()).open(buckets.at(-1)!)).destroy();
    await vi.waitUntil(() => one.append(aRevision(2)).catch(() => false), { timeout: 5_000 });
    await vi.waitFor(() => expect(told).toEqual([2]), { timeout: 5_000 });
    expect(await other.latest()).toEqual(aRevision(2));
    await watching.close();
  });

  test("says of a revision that is too large how large it may be", async () => {
    const [store] = await onNats();
    await expect(store.append(aRevision(1, { why: "x".repeat(9 * 2 ** 20) }))).rejects.toMatchObject({
      code: "policy.invalid",
      message: expect.stringContaining("max_payload"),
    });
  });
});
