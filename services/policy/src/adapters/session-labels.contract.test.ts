import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { silentLog } from "@mcp-governance-bridge/shared";
import { connectNats } from "@mcp-governance-bridge/shared/nats";
import { Kvm } from "@nats-io/kv";
import type { NatsConnection } from "@nats-io/transport-node";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import type { SessionLabels } from "../session-labels.ts";
import { createMemorySessionLabels } from "./memory-session-labels.ts";
import { createNatsSessionLabels } from "./nats-session-labels.ts";

const url = process.env.NATS_URL;
if (process.env.REQUIRE_ALL_ADAPTERS === "1" && !url) throw new Error("NATS_URL is required");

const bucketPrefix = `test_labels_${randomUUID()}`;
const connections: NatsConnection[] = [];
const log = silentLog;

beforeAll(async () => {
  if (!url) return;
  for (const name of ["labels-one", "labels-two"]) connections.push(await connectNats(url, { name, log }));
});
afterAll(async () => {
  const [first] = connections;
  if (!first) return;
  const manager = new Kvm(first);
  for await (const { bucket } of manager.list())
    if (bucket.startsWith(bucketPrefix)) await bucketAt(bucket).then((kv) => kv.destroy());
  for (const connection of connections) await connection.close();
});

const bucketAt = async (bucket: string) => new Kvm(connection(0)).open(bucket, { allow_direct: false });

function connection(index: number): NatsConnection {
  const found = connections[index];
  if (!found) throw new Error("not connected");
  return found;
}

/** Two views of the same labels, on connections of their own where there are any. */
type Pair = [SessionLabels, SessionLabels];

function onNats(ttlMs: number): Pair {
  const bucket = `${bucketPrefix}_${ttlMs}`;
  const one = createNatsSessionLabels({ connection: connection(0), log, ttlMs, bucket });
  return [one, createNatsSessionLabels({ connection: connection(1), log, ttlMs, bucket })];
}

function inMemory(ttlMs: number): Pair {
  const labels = createMemorySessionLabels({ ttlMs });
  return [labels, labels];
}

const adapters = [
  { name: "memory", open: inMemory, isAvailable: true },
  { name: "nats", open: onNats, isAvailable: url !== undefined },
];

for (const { name, open, isAvailable } of adapters) {
  describe.runIf(isAvailable)(`${name} session labels`, () => {
    const HOUR_MS = 3_600_000;

    test("a session carries none at first, and then those that were added, in order and once", async () => {
      const [one, two] = open(HOUR_MS);
      const session = randomUUID();
      expect(await one.read(session)).toEqual([]);
      await one.add(session, ["untrusted_content", "private_data"]);
      await two.add(session, ["sends_out", "private_data"]);
      await two.add(session, []);
      for (const labels of [one, two]) {
        expect(await labels.read(session)).toEqual(["private_data", "sends_out", "untrusted_content"]);
      }
      expect(await one.read(randomUUID())).toEqual([]);
    });

    test("session ids may hold any characters", async () => {
      const [one] = open(HOUR_MS);
      const ids = ["", "*", ">", "a.b", "a b", ".", "é☃", "x".repeat(5_000)].map(
        (id) => `${id}${id && randomUUID()}${id}`,
      );
      for (const [index, id] of ids.entries()) await one.add(id, [`label_${index}`]);
      for (const [index, id] of ids.entries()) expect(await one.read(id)).toEqual([`label_${index}`]);
    });

    test("what is added at once on two replicas is all there", async () => {
      const pair = open(HOUR_MS);
      const session = randomUUID();
      const labels = Array.from({ length: 20 }, (_, index) => `label_${String(index).padStart(2, "0")}`);
      await Promise.all(labels.map((label, index) => pair[index % 2]?.add(session, [label, "common"])));
      for (const one of pair) expect(await one.read(session)).toEqual(["common", ...labels]);
    });

    test("a session that nobody asks about is forgotten, one in use is not", async () => {
      const [one] = open(1_000);
      const [idle, busy] = [randomUUID(), randomUUID()];
      for (const session of [idle, busy]) await one.add(session, ["private_data"]);
      for (let times = 0; times < 6; times += 1) {
        await delay(300);
        expect(await one.read(busy)).toEqual(["private_data"]);
      }
      await vi.waitFor(async () => expect(await one.read(idle)).toEqual([]), { timeout: 3_000 });
    });
  });
}

describe.runIf(url)("nats session labels", () => {
  test("are there for a policy service that has just started", async () => {
    const session = randomUUID();
    await onNats(3_600_000)[0].add(session, ["private_data"]);
    expect(await onNats(3_600_000)[1].read(session)).toEqual(["private_data"]);
  });

  test("serve again once their bucket was lost, and reject what they cannot read", async () => {
    const [labels] = onNats(60_000);
    const session = randomUUID();
    await labels.add(session, ["private_data"]);
    const bucket = await bucketAt(`${bucketPrefix}_60000`);
    await bucket.destroy();
    await expect(labels.read(session)).rejects.toThrow("neither read nor kept");
    await labels.add(session, ["sends_out"]);
    expect(await labels.read(session)).toEqual(["sends_out"]);
    for await (const key of await bucket.keys()) await bucket.put(key, "nonsense");
    await expect(labels.read(session)).rejects.toThrow("neither read nor kept");
    await expect(labels.add(session, ["private_data"])).rejects.toThrow("neither read nor kept");
  });
});
