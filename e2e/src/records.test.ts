import { randomBytes } from "node:crypto";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { MongoClient } from "mongodb";
import { afterAll, beforeAll, expect, test } from "vitest";
import { toolLogs } from "./client/tool-logs.ts";
import { describeDistributed } from "./describe-systems.ts";
import { echo } from "./system/configuration.ts";
import { type DistributedSystem, startDistributed } from "./system/distributed.ts";
import { serversOf } from "./system/servers.ts";
import { until } from "./system/until.ts";

// Names of its own: on a NATS that others use, their events come into every database.
const suffix = randomBytes(4).toString("hex");
const [open, night] = [`open-${suffix}`, `night-${suffix}`];
const ours = { server_name: { $in: [open, night] } };

let started: DistributedSystem;

describeDistributed(
  "what MongoDB holds",
  async () => {
    const servers = {
      [open]: echo({ governance_prefix: "open" }),
      [night]: echo({ governance_prefix: "night", allowed_hours: [] }),
    };
    started = await startDistributed({ servers }, serversOf(process.env));
    return started;
  },
  (system) => {
    let client: MongoClient;
    const collection = (name: string) => client.db(started.database).collection(name);
    beforeAll(async () => {
      client = new MongoClient(serversOf(process.env).mongodbUri);
      const mcp = await connectForSetUp(system().url());
      await mcp.callTool({ name: "open_echo", arguments: { message: "one" } });
      await mcp.callTool({ name: "night_echo", arguments: { message: "two" } });
      await mcp.close();
      await toolLogs(system(), { server_name: open });
      await toolLogs(system(), { server_name: night });
    });
    afterAll(() => client.close());

    test("is one decision for each call, allowed or denied", async () => {
      const decisions = await collection("governance_logs").find(ours).sort({ timestamp: 1 }).toArray();
      expect(decisions).toMatchObject([
        { decision: "allowed", server_name: open, tool_name: "echo", policy_violation: null },
        { decision: "denied", server_name: night, tool_name: "echo", policy_violation: "time_restriction" },
      ]);
      expect(decisions[0]?.timestamp).toBeInstanceOf(Date);
    });

    test("is one document for each call, with dates that can expire", async () => {
      const calls = await collection("tool_logs").find(ours).sort({ timestamp: 1 }).toArray();
      expect(calls.map(({ status }) => status)).toEqual(["success", "denied"]);
      expect(calls[0]?.start_time).toBeInstanceOf(Date);
      expect(calls[0]?.end_time).toBeInstanceOf(Date);
    });

    test("is the servers, their tools, their settings and the deployment", async () => {
      const inventory = async () => (await collection("server_tools").countDocuments({ server_name: open })) > 5;
      await until(inventory, { what: "the tools of the upstream" });
      expect(await collection("servers").countDocuments({ ...ours, is_active: true })).toBe(2);
      expect(await collection("governance_configs").findOne({ server_name: night })).toMatchObject({
        allowed_hours: [],
      });
      expect(await collection("deployments").findOne()).toMatchObject({ deployment_mode: "unified" });
    });

    test("has an index for what is asked", async () => {
      const indexes = await collection("tool_logs").indexes();
      expect(indexes.length).toBeGreaterThan(3);
    });
  },
);

/** Closed by the set-up itself: there is no test yet to close it. */
async function connectForSetUp(url: string) {
  const client = new Client({ name: "set-up", version: "1.0.0" });
  await client.connect(new StreamableHTTPClientTransport(new URL(url)));
  return client;
}
