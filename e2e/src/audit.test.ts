import { randomBytes } from "node:crypto";
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { silentLog } from "@mcp-governance-bridge/shared";
import { type Document, openLmdbRecordStore } from "@mcp-governance-bridge/tracker";
import { MongoClient } from "mongodb";
import { afterAll, beforeAll, expect, test } from "vitest";
import { makeArtifact } from "./client/governance.ts";
import { openForSetUp } from "./client/raw.ts";
import { toolLogs } from "./client/tool-logs.ts";
import { describeSystems } from "./describe-systems.ts";
import { type CommandResult, runBridge } from "./system/command-line.ts";
import { echo } from "./system/configuration.ts";
import type { DistributedSystem } from "./system/distributed.ts";
import { serversOf } from "./system/servers.ts";
import type { System } from "./system/system.ts";

const server = `audited-${randomBytes(4).toString("hex")}`;
const CALLS = 5;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "bridge-e2e-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const isDistributed = (system: System): system is DistributedSystem => "database" in system;
const dataOf = (system: System) => join(dirname(system.configFile), "data");

interface Copy {
  verify(...more: string[]): Promise<CommandResult>;
  change(id: string, set: Document): Promise<void>;
  remove(collection: string, id: string): Promise<void>;
  close(): Promise<void>;
}

/** A copy of the record, on which somebody may lay hands. */
async function copyOf(system: System): Promise<Copy> {
  return isDistributed(system) ? copyOfDatabase(system) : copyOfFolder(system);
}

async function copyOfFolder(system: System): Promise<Copy> {
  const data = join(folder, randomBytes(4).toString("hex"));
  await cp(dataOf(system), data, { recursive: true });
  const open = () => openLmdbRecordStore({ path: join(data, "records"), log: silentLog });
  return {
    verify: (...more) => runBridge(["audit", "verify", "--data", data, ...more]),
    async change(id, set) {
      const store = open();
      await store.apply([{ collection: "tool_logs", id, set }]);
      await store.close();
    },
    async remove(collection, id) {
      const store = open();
      await store.remove(collection as "tool_logs", [id]);
      await store.close();
    },
    close: async () => undefined,
  };
}

async function copyOfDatabase({ database }: DistributedSystem): Promise<Copy> {
  const { mongodbUri } = serversOf(process.env);
  const client = new MongoClient(mongodbUri);
  const name = `${database}_copy_${randomBytes(3).toString("hex")}`;
  const copy = client.db(name);
  for (const { name: collection } of await client.db(database).listCollections().toArray()) {
    const documents = await client.db(database).collection(collection).find().toArray();
    if (documents.length > 0) await copy.collection(collection).insertMany(documents);
  }
  const collectionOf = (collection: string) => copy.collection<{ _id: string }>(collection);
  return {
    verify: (...more) =>
      runBridge(["audit", "verify", "--mongodb-uri", mongodbUri, ...more], { MONGODB_DATABASE: name }),
    change: async (id, set) => void (await collectionOf("tool_logs").updateOne({ _id: id }, { $set: set })),
    remove: async (collection, id) => void (await collectionOf(collection).deleteOne({ _id: id })),
    async close() {
      await copy.dropDatabase();
      await client.close();
    },
  };
}

describeSystems("the audit trail", { servers: { [server]: echo({ governance_prefix: "echo" }) } }, (system) => {
  let ids: string[] = [];
  beforeAll(async () => {
    const session = await openForSetUp(system().url());
    for (let call = 0; call < CALLS; call += 1) await session.call("echo_echo", `{"message":"call ${call}"}`);
    const logs = await toolLogs(system(), { server_name: server }, { count: CALLS });
    ids = logs.map(({ call_id }) => String(call_id)).reverse();
  }, 60_000);

  const verifyLive = () =>
    isDistributed(system())
      ? runBridge(["audit", "verify", "--mongodb-uri", serversOf(process.env).mongodbUri], {
          MONGODB_DATABASE: (system() as DistributedSystem).database,
        })
      : runBridge(["audit", "verify", "--data", dataOf(system())]);

  test("is whole while the system runs, and says what it covers", async () => {
    const { status, out, err } = await verifyLive();
    expect(status, out + err).toBe(0);
    expect(out).toMatch(/intact/i);
  });

  test.each([
    ["the first", 0],
    ["one in the middle", 2],
    ["the last", CALLS - 1],
  ])("names a call that somebody changed: %s", async (_which, index) => {
    const copy = await copyOf(system());
    await copy.change(ids[index] ?? "", { principal: "mallory" });
    const { status, out } = await copy.verify();
    await copy.close();
    expect(status).toBe(1);
    expect(out).toContain("changed");
    expect(out).toContain(ids[index]);
  });

  test.each([
    ["the first", 0],
    ["one in the middle", 2],
    ["the last", CALLS - 1],
  ])("names a call that somebody took out: %s", async (_which, index) => {
    const copy = await copyOf(system());
    await copy.remove("tool_logs", ids[index] ?? "");
    const { status, out } = await copy.verify();
    await copy.close();
    expect(status).toBe(1);
    expect(out).toContain("removed");
    expect(out).toContain(ids[index]);
  });

  test.each(["ndjson", "json", "csv"])(
    "an export as %s verifies by itself, until somebody edits it",
    async (format) => {
      const from = new Date(Date.now() - 3_600_000).toISOString();
      const to = new Date(Date.now() + 60_000).toISOString();
      const { artifact, text } = await makeArtifact(system(), "exports", {
        order: { format, from, to },
        download: "download",
      });
      expect(artifact).toMatchObject({ status: "done" });
      const file = join(folder, `${randomBytes(4).toString("hex")}.${format}`);
      await writeFile(file, text);
      const whole = await runBridge(["audit", "verify", "--export", file]);
      expect(whole.status, whole.out + whole.err).toBe(0);

      const edited = (await readFile(file, "utf8")).replace("call 2", "call 7");
      expect(edited).not.toBe(text);
      await writeFile(file, edited);
      const { status, out } = await runBridge(["audit", "verify", "--export", file]);
      expect(status).toBe(1);
      expect(out).toContain(ids[2]);
    },
  );
});
