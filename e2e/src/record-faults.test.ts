import { setTimeout as sleep } from "node:timers/promises";
import { MongoClient } from "mongodb";
import { afterAll, expect, test } from "vitest";
import { type Fate, startNumberedLoad } from "./client/numbered-load.ts";
import { describeDistributed } from "./describe-systems.ts";
import { runBridge } from "./system/command-line.ts";
import { echo } from "./system/configuration.ts";
import { type Container, hasImages, startContainer } from "./system/containers.ts";
import { type DistributedSystem, startDistributed } from "./system/distributed.ts";
import { serversOf } from "./system/servers.ts";
import type { System } from "./system/system.ts";
import { until } from "./system/until.ts";

const NATS = "nats:2-alpine";
const MONGO = "mongo:8";
const CLIENTS = 4;
const RECOVERY_MS = 60_000;
const TEST_MS = 180_000;

interface Own {
  nats: Container;
  mongo: Container;
  system: DistributedSystem;
}

let own: Own | undefined;

async function startOwn(): Promise<System> {
  if (!(await hasImages(NATS, MONGO))) throw new Error(`${NATS} and ${MONGO} are not on this machine`);
  const nats = await startContainer({ name: NATS, port: 4222, args: ["-js", "-sd", "/data"] });
  const mongo = await startContainer({ name: MONGO, port: 27017 });
  const servers = {
    ...serversOf(process.env),
    natsUrl: `nats://${nats.address}`,
    mongodbUri: `mongodb://${mongo.address}`,
  };
  const settings = { servers: { echo: echo({ rate_limit: 1_000_000 }) } };
  const system = await startDistributed(settings, servers, { tracker: 2 });
  own = { nats, mongo, system };
  return system;
}

afterAll(async () => {
  await own?.nats.close();
  await own?.mongo.close();
}, 60_000);

function given(): Own {
  if (!own) throw new Error("the system has not started");
  return own;
}

const uri = () => `mongodb://${given().mongo.address}`;

/** How each numbered call stands in the record; a number that is there twice fails. */
async function recorded(after: Date): Promise<Map<number, string>> {
  const client = new MongoClient(uri(), { serverSelectionTimeoutMS: 5_000 });
  try {
    const logs = client.db(given().system.database).collection("tool_logs");
    const calls = await logs
      .find({ server_name: "echo", timestamp: { $gte: after } }, { projection: { status: 1, inputs: 1 } })
      .toArray();
    const numbers = calls.map(({ inputs, status }) => [Number(/\d+/.exec(inputs.message)?.[0]), status] as const);
    expect(new Set(numbers.map(([number]) => number)).size).toBe(numbers.length);
    return new Map(numbers);
  } finally {
    await client.close();
  }
}

const STATUS: Readonly<Record<Fate, readonly string[]>> = {
  permitted: ["success"],
  denied: ["denied"],
  // The client does not know what became of it; the record may.
  failed: ["success", "denied", "error", "unknown"],
};

/** Waits until every call is on record with its end, then compares. */
async function expectAllRecorded(fates: ReadonlyMap<number, Fate>, after: Date): Promise<void> {
  const answered = [...fates].filter(([, fate]) => fate !== "failed");
  await until(
    async () => {
      const records = await recorded(after).catch(() => new Map<number, string>());
      return answered.every(([number]) => ["success", "denied", "error"].includes(records.get(number) ?? ""));
    },
    { what: `${answered.length} calls are on record with their end`, withinMs: RECOVERY_MS, everyMs: 500 },
  );
  const records = await recorded(after);
  const differing = answered.filter(([number, fate]) => !STATUS[fate].includes(records.get(number) ?? "none"));
  expect(differing).toEqual([]);
}

async function expectIntact(): Promise<void> {
  const args = ["audit", "verify", "--mongodb-uri", uri()];
  const { status, out, err } = await runBridge(args, { MONGODB_DATABASE: given().system.database });
  expect(status, out + err).toBe(0);
}

/** Keeps up a load through a fault, and holds every answer against the record. */
async function underLoad(fault: () => Promise<void>): Promise<ReadonlyMap<number, Fate>> {
  const after = new Date();
  const load = await startNumberedLoad(given().system.url(), "echo_echo", CLIENTS);
  await sleep(1_000);
  await fault().finally(() => sleep(1_000));
  const fates = await load.stop();
  await expectAllRecorded(fates, after);
  await expectIntact();
  return fates;
}

const count = (fates: ReadonlyMap<number, Fate>, fate: Fate) =>
  [...fates.values()].filter((one) => one === fate).length;

describeDistributed("a record under load", startOwn, (system) => {
  test(
    "S2: killing a tracker loses nothing, records nothing twice, and leaves the chain whole",
    async () => {
      const tracker = system().service("tracker");
      const fates = await underLoad(async () => {
        tracker.process().kill("SIGKILL");
        await tracker.process().stop();
        await tracker.restart();
      });
      expect(count(fates, "permitted")).toBe(fates.size);
    },
    TEST_MS,
  );

  test(
    "rows 83 and 84: with MongoDB killed, calls go on as before, and are on record once it is back",
    async () => {
      const fates = await underLoad(async () => {
        await given().mongo.kill();
        await sleep(3_000);
        await given().mongo.start();
      });
      expect(count(fates, "permitted")).toBe(fates.size);
    },
    TEST_MS,
  );

  test(
    "with NATS killed, calls are denied, and the denials are on record once it is back",
    async () => {
      const fates = await underLoad(async () => {
        await given().nats.kill();
        await sleep(3_000);
        await given().nats.start();
        await sleep(5_000);
      });
      expect(count(fates, "denied")).toBeGreaterThan(0);
      expect(count(fates, "permitted")).toBeGreaterThan(0);
    },
    TEST_MS,
  );
});
