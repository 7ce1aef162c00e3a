import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { connectV1, connectV2, textOf } from "./client/official.ts";
import { openRaw } from "./client/raw.ts";
import { toolLogs } from "./client/tool-logs.ts";
import { describeSystems } from "./describe-systems.ts";
import { echo, features } from "./system/configuration.ts";

const DENIAL = "mcp-governance-bridge/denial";

// Counters outlive a system on a Redis that others use, so a limited server needs a name of its own.
const aLimitedServer = (): string => `limited-${randomBytes(4).toString("hex")}`;

const names = { limited: aLimitedServer(), thrifty: aLimitedServer() };

const settings = async () => {
  names.limited = aLimitedServer();
  names.thrifty = aLimitedServer();
  return {
    servers: {
      night: echo({ allowed_hours: [] }),
      sleeping: features({ allowed_hours: [] }),
      [names.limited]: echo({ rate_limit: 3, governance_prefix: "limited" }),
      [names.thrifty]: echo({ rate_limit: 2, high_security: true, governance_prefix: "thrifty" }),
      patterns: echo({ blocked_patterns: ["forbidden-\\w+"] }),
      strict: echo({ high_security: true }),
    },
  };
};

const anId = expect.stringMatching(/^[0-9a-f-]{36}$/);

function denial(code: string, rule: string) {
  return { decisionId: anId, code, rule, revision: expect.stringMatching(/^r\d+-[0-9a-f]{12}$/) };
}

function denied(text: string, facts: object) {
  return {
    isError: true,
    content: [{ type: "text", text: `Governance denied: ${text}` }],
    _meta: { [DENIAL]: facts },
  };
}

describeSystems("a denied call", settings, (system) => {
  test("outside the allowed hours says so in the seed's words", async () => {
    const client = await connectV2(system().url());
    const result = await client.callTool({ name: "night_echo", arguments: { message: "hello" } });
    expect(textOf(result)).toMatch(/^Governance denied: Access not allowed at hour \d+\. Allowed hours: \[\]$/);
    expect(result).toMatchObject(denied(textOf(result).slice(19), denial("time_restriction", "night.allowed_hours")));
  });

  test("over the rate limit says so, and when it may be tried again", async () => {
    const client = await connectV1(system().url());
    const call = () => client.callTool({ name: "limited_echo", arguments: { message: "hello" } });
    for (let permitted = 0; permitted < 3; permitted += 1) expect(await call()).not.toHaveProperty("isError", true);
    const result = await call();
    const facts = denial("rate_limit", `${names.limited}.rate_limit`);
    expect(textOf(result)).toMatch(
      /^Governance denied: Rate limit exceeded: 3\/3 requests per minute; try again in \d+ s$/,
    );
    expect(result).toMatchObject(denied(textOf(result).slice("Governance denied: ".length), facts));
    const { retryAfterMs } = (result._meta as Record<string, { retryAfterMs: number }>)[DENIAL]!;
    expect(retryAfterMs).toBeGreaterThan(50_000);
    expect(retryAfterMs).toBeLessThanOrEqual(60_000);
  });

  test("rows 60 to 62: with a blocked pattern names the pattern, of a pack or configured", async () => {
    const client = await connectV2(system().url());
    const call = (message: string) => client.callTool({ name: "patterns_echo", arguments: { message } });
    const facts = denial("security_pattern", "patterns.blocked_patterns");
    expect(await call("DROP\tTABLE users")).toMatchObject({
      isError: true,
      _meta: { [DENIAL]: facts },
    });
    expect(textOf(await call("DROP/**/TABLE users"))).toMatch(
      /^Governance denied: Security pattern detected: destructive-sql\//,
    );
    expect(await call("a forbidden-word")).toMatchObject(denied("Security pattern detected: forbidden-\\w+", facts));
    expect(textOf(await client.callTool({ name: "patterns_seen", arguments: {} }))).not.toContain("echo");
  });

  test("to a sensitive tool under high security names the tool as the upstream does", async () => {
    const client = await connectV1(system().url());
    const result = await client.callTool({ name: "strict_drop-collection", arguments: {} });
    expect(result).toMatchObject(
      denied(
        "High security mode: drop-collection contains sensitive operation",
        denial("high_security_sensitive_operation", "strict.high_security"),
      ),
    );
    expect(textOf(await client.callTool({ name: "strict_seen", arguments: {} }))).not.toContain("drop-collection");
  });

  test("with more than 10,000 characters under high security counts them", async () => {
    const client = await connectV2(system().url());
    const call = (size: number) =>
      client.callTool({
        name: "strict_echo",
        arguments: { message: "x".repeat(size - '{"message":""}'.length) },
      });
    expect(await call(10_000)).not.toHaveProperty("isError", true);
    expect(await call(10_001)).toMatchObject(
      denied(
        "High security mode: Parameter size too large (10001 chars)",
        denial("high_security_parameter_size", "strict.high_security"),
      ),
    );
  });

  test("uses up no quota, whatever denied it", async () => {
    const client = await connectV2(system().url());
    const call = (tool: string, message = "") =>
      client.callTool({ name: `thrifty_${tool}`, arguments: { message } }).then(textOf);
    for (let times = 0; times < 4; times += 1) {
      expect(await call("echo", "rm -rf /")).toContain("Security pattern detected");
      expect(await call("drop-collection")).toContain("contains sensitive operation");
    }
    expect([await call("echo", "1"), await call("echo", "2")]).toEqual(["1", "2"]);
    expect(await call("echo", "3")).toContain("Rate limit exceeded: 2/2");
  });

  test("is answered with HTTP 200, and is one record with its code", async () => {
    const session = await openRaw(system().url());
    const request = {
      jsonrpc: "2.0",
      id: "d",
      method: "tools/call",
      params: { name: "night_pid", arguments: { a: 1 } },
    };
    expect((await session.post(request)).status).toBe(200);
    const logs = await toolLogs(system(), { server_name: "night", tool_name: "pid" });
    expect(logs).toHaveLength(1);
    expect(logs[0]).toMatchObject({
      status: "denied",
      denial: { code: "time_restriction", rule: "night.allowed_hours" },
      inputs: { a: 1 },
      outputs: null,
    });
  });

  test.each([
    ["prompts/get", { name: "sleeping_greet", arguments: { name: "Ada", language: "danish" } }, "greet"],
    ["resources/read", { uri: "file:///notes/today.txt" }, "file:///notes/today.txt"],
    [
      "completion/complete",
      { ref: { type: "ref/prompt", name: "sleeping_greet" }, argument: { name: "language", value: "d" } },
      "greet",
    ],
  ])("of %s is a JSON-RPC error with the same facts, and a record", async (method, params, target) => {
    const session = await openRaw(system().url());
    const answer = await session.post({ jsonrpc: "2.0", id: 7, method, params });
    expect(answer.status).toBe(200);
    expect(JSON.parse(answer.messages.at(-1) ?? "")).toMatchObject({
      id: 7,
      error: {
        code: -31001,
        message: expect.stringMatching(/^Governance denied: Access not allowed at hour/),
        data: { [DENIAL]: denial("time_restriction", "sleeping.allowed_hours") },
      },
    });
    const [log] = await toolLogs(system(), { server_name: "sleeping", method });
    expect(log).toMatchObject({ status: "denied", tool_name: target });
  });
});
