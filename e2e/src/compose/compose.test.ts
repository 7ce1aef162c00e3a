import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { inspect } from "../client/inspector.ts";
import { connectV1, connectV2, textOf } from "../client/official.ts";
import { ADMIN_TOKEN } from "../client/policies.ts";
import { readToolLogs, type ToolLog } from "../client/tool-logs.ts";
import { until } from "../system/until.ts";
import { type Stack, startStack } from "./stack.ts";

const START_MS = 300_000;
/** Two failed checks of one a second, and a second for luck. */
const BALANCER_NOTICES_MS = 3_000;
const replicas = { gateway: 2, policy: 3, tracker: 2 };

let stack: Stack;
beforeAll(async () => {
  stack = await startStack(replicas);
}, START_MS);
afterAll(() => stack?.stop());

const mcp = (port = 8173): string => `${stack.url(port)}/mcp`;
const echo = (message: string) => ({ name: "everything_echo", arguments: { message } });

describe.each([
  ["v1", connectV1],
  ["v2", connectV2],
] as const)("a client of the official SDK %s behind the balancer", (version, connect) => {
  test("lists the tools of the unified servers and calls one", async () => {
    const client = await connect(mcp());
    const { tools } = await client.listTools();
    expect(tools.map(({ name }) => name)).toEqual(expect.arrayContaining(["everything_echo", "limited_echo"]));
    expect(textOf(await client.callTool(echo(version)))).toBe(`Echo: ${version}`);
  });

  test("reads why a call was denied", async () => {
    const client = await connect(mcp());
    const result = await client.callTool(echo("DROP TABLE users"));
    expect(result.isError).toBe(true);
    expect(textOf(result)).toMatch(/^Governance denied: Security pattern detected: /);
  });
});

test("the Inspector's command line lists and calls behind the balancer", async () => {
  expect(JSON.stringify(await inspect(mcp(), "tools/list"))).toContain("everything_echo");
  const args = ["--tool-name", "everything_echo", "--tool-arg", "message=inspected"];
  expect(JSON.stringify(await inspect(mcp(), "tools/call", ...args))).toContain("Echo: inspected");
});

test("a server with a port of its own is reached through the balancer on that port", async () => {
  const client = await connectV2(mcp(8174));
  const { tools } = await client.listTools();
  expect(tools.every(({ name }) => name.startsWith("files_"))).toBe(true);
  const path = "/files/note.txt";
  await client.callTool({ name: "files_write_file", arguments: { path, content: "kept" } });
  expect(textOf(await client.callTool({ name: "files_read_text_file", arguments: { path } }))).toBe("kept");
});

test("each call has one record with its decision, in the governance API and in MongoDB", async () => {
  const client = await connectV2(mcp());
  const mark = randomUUID();
  await client.callTool(echo(`${mark} is fine`));
  await client.callTool(echo(`${mark}; drop table records`));

  const logs = await until(() => finished(mark, 2), { what: "two records" });
  expect(logs.map(({ status }) => status).toSorted()).toEqual(["denied", "success"]);

  const filter = JSON.stringify({ session_id: logs[0]?.session_id });
  expect(await stack.inMongo(`db.tool_logs.countDocuments(${filter})`)).toBe(2);
  expect(await stack.inMongo(`db.governance_logs.countDocuments(${filter})`)).toBe(2);
});

test("a rate limit is exact over all replicas", async () => {
  const clients = await Promise.all(Array.from({ length: 4 }, () => connectV2(mcp())));
  const call = { name: "limited_echo", arguments: { message: "one of many" } };
  const results = await Promise.all(
    clients.flatMap((client) => Array.from({ length: 10 }, () => client.callTool(call))),
  );
  expect(results.filter((result) => !result.isError)).toHaveLength(10);
  const denied = results.filter((result) => result.isError).map(textOf);
  for (const text of denied)
    expect(text).toMatch(/^Governance denied: Rate limit exceeded: 10\/10 requests per minute;/);
});

test("a policy is edited through the balancer, in force on every replica, and part of the record", async () => {
  const denied = "Governance denied: Not this one";
  const policies = [{ id: "no-sum", effect: "deny", tools: ["get-sum"], reason: "Not this one" }];
  const clients = await Promise.all(Array.from({ length: 4 }, () => connectV2(mcp())));
  const sum = async () => {
    const results = clients.map((client) => client.callTool({ name: "everything_get-sum", arguments: { a: 1, b: 2 } }));
    return new Set((await Promise.all(results)).map(textOf));
  };
  const change = async (method: string, body: object) => {
    const headers = { "content-type": "application/json", authorization: `Bearer ${ADMIN_TOKEN}` };
    const url = `${stack.url(8173)}/governance/policies/servers/everything`;
    return (await fetch(url, { method, headers, body: JSON.stringify({ who: "ada", why: "a test", ...body }) })).status;
  };
  expect([...(await sum())]).not.toContain(denied);
  expect(await change("PUT", { settings: { rate_limit: 100_000, policies } })).toBe(200);
  await sleep(1_000);
  expect([...(await sum())]).toEqual([denied]);
  expect(await change("DELETE", {})).toBe(200);
  await sleep(1_000);
  expect([...(await sum())]).not.toContain(denied);
  const revisions = () => stack.inMongo(`db.policy_revisions.countDocuments({ who: "ada" })`);
  await until(async () => (await revisions()) === 2, { what: "both revisions are in MongoDB" });
});

test("counts outlive Redis", async () => {
  const client = await connectV2(mcp());
  const call = () => client.callTool({ name: "daily_echo", arguments: { message: "m" } }).then(textOf);
  expect([await call(), await call(), await call()]).toEqual(["Echo: m", "Echo: m", expect.stringContaining("2/2")]);
  await sleep(2_000);
  const [redis] = await stack.containers("redis");
  await stack.kill(redis!);
  await stack.revive();
  const answer = async () => {
    const text = await call();
    return text.includes("not reachable") ? undefined : text;
  };
  expect(await until(answer, { what: "the counters are back" })).toContain("2/2");
});

describe("the containers", () => {
  test("are as many as asked for", async () => {
    for (const [service, count] of Object.entries(replicas)) {
      expect(await stack.containers(service), service).toHaveLength(count);
    }
  });

  test("run without root, capabilities, new privileges or a writable root file system, in bounded memory", async () => {
    for (const { Config, HostConfig } of await stack.containers()) {
      const service = Config.Labels["com.docker.compose.service"];
      // MongoDB's image starts as root to become its own user by itself.
      if (service !== "mongo") expect(Config.User, service).not.toMatch(/^(root|0)?(:.*)?$/);
      expect(HostConfig.ReadonlyRootfs, service).toBe(true);
      expect(HostConfig.CapDrop, service).toEqual(["ALL"]);
      expect(HostConfig.SecurityOpt, service).toEqual(["no-new-privileges:true"]);
      expect(HostConfig.Memory, service).toBeGreaterThan(0);
    }
  });

  test("publish the balancer's ports alone, on loopback", async () => {
    for (const { Config, NetworkSettings } of await stack.containers()) {
      const published = Object.values(NetworkSettings.Ports).flatMap((bindings) => bindings ?? []);
      const service = Config.Labels["com.docker.compose.service"];
      if (service !== "balancer") expect(published, service).toEqual([]);
      expect(published.every(({ HostIp }) => HostIp === "127.0.0.1")).toBe(true);
    }
  });
});

describe("the loss of a replica", () => {
  test("of policy disturbs no call but the one it was deciding, which is denied", async () => {
    const client = await connectV2(mcp());
    const [policy] = await stack.containers("policy");
    const killed = stack.kill(policy!);
    const texts: string[] = [];
    for (let call = 1; call <= 100; call++) texts.push(textOf(await client.callTool(echo("again"))));
    await killed;
    const denied = texts.filter((text) => text !== "Echo: again");
    expect(denied.length).toBeLessThanOrEqual(1);
    expect(denied.every((text) => text.includes("the policy service gave no decision"))).toBe(true);
  });

  test("of tracker loses no record", async () => {
    const client = await connectV2(mcp());
    const mark = randomUUID();
    const [tracker] = await stack.containers("tracker");
    const killed = stack.kill(tracker!);
    for (let call = 1; call <= 50; call++) await client.callTool(echo(`${mark} ${call}`));
    await killed;
    const logs = await until(() => finished(mark, 50), { what: "50 records", withinMs: 60_000 });
    expect(logs).toHaveLength(50);
  });

  test("of the gateway leaves its sessions to another", async () => {
    const clients = await Promise.all([connectV2(mcp()), connectV2(mcp()), connectV2(mcp())]);
    const [gateway] = await stack.containers("gateway");
    await stack.kill(gateway!);
    for (const client of clients) {
      const answer = () => client.callTool(echo("still here")).then(textOf, () => undefined);
      expect(await until(answer, { what: "an answer from another gateway" })).toBe("Echo: still here");
    }
  });
});

test("the audit trail of all replicas is whole, also after trackers were killed", async () => {
  const { intact, records, partitions } = JSON.parse(await stack.bridge("tracker", "audit", "verify", "--json"));
  expect(intact).toBe(true);
  expect(records).toBeGreaterThan(100);
  expect(partitions).toBeGreaterThan(1);
});

test("without any policy a client still reads from a gateway why its call is denied", async () => {
  const client = await connectV2(mcp());
  await Promise.all((await stack.containers("policy")).map((policy) => stack.kill(policy)));
  const notReady = async () => (await fetch(`${stack.url(8173)}/readyz`)).status === 503;
  await until(notReady, { what: "a gateway that is not ready" });
  await sleep(BALANCER_NOTICES_MS);
  const result = await client.callTool(echo("anybody?"));
  expect(textOf(result)).toMatch(/^Governance denied: Governance error: .*policy service/);
});

/** The records of the calls whose arguments bear the mark, once there are so many and each has its end. */
async function finished(mark: string, count: number): Promise<ToolLog[] | undefined> {
  const logs = await readToolLogs(stack.url(8173), { limit: "1000" });
  const ours = logs.filter(({ inputs }) => JSON.stringify(inputs ?? null).includes(mark));
  const ended = ours.every(({ status }) => status === "success" || status === "denied");
  return ours.length >= count && ended ? ours : undefined;
}
