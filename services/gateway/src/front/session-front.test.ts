import { describe, expect, test } from "vitest";
import { startBridge } from "../../test/bridge.ts";
import { connectClient, exchange, initializeRequest, JSON_HEADERS, post } from "../../test/client.ts";
import { until } from "../../test/until.ts";
import { aWire } from "../../test/wire.ts";

const PING = { jsonrpc: "2.0", id: 1, method: "ping" };

async function aFront() {
  const bridge = await startBridge();
  return { ...bridge, client: await bridge.connect() };
}

async function codeOf(answer: Awaited<ReturnType<typeof post>>): Promise<unknown> {
  return (await answer.ended)?.error?.data?.code;
}

describe("initialize", () => {
  test("opens a session, whose token is in the header alone", async () => {
    const { client, sessions } = await aFront();
    expect(client.initialized).toEqual({
      jsonrpc: "2.0",
      id: "init",
      result: {
        protocolVersion: "2025-11-25",
        capabilities: {
          tools: { listChanged: true },
          prompts: { listChanged: true },
          resources: { subscribe: true, listChanged: true },
          logging: {},
          completions: {},
        },
        serverInfo: { name: "mcp-governance-bridge", title: "MCP Governance Bridge", version: "0.1.0" },
      },
    });
    expect(client.token).toMatch(/^[A-Za-z0-9_-]{32}$/);
    expect([...sessions.all()].map(({ state }) => state)).toMatchObject([
      { principal: "anonymous", client: { name: "test", version: "1.0.0" }, capabilities: {}, listener: "8173" },
    ]);
  });

  test.each([
    ["2024-11-05", "2024-11-05"],
    ["2025-03-26", "2025-03-26"],
    ["2025-06-18", "2025-06-18"],
    ["2025-11-25", "2025-11-25"],
    ["2026-07-28", "2025-11-25"],
    ["tomorrow", "2025-11-25"],
  ])("for version %s is answered with %s", async (protocolVersion, expected) => {
    const { url } = await startBridge();
    const { initialized } = await connectClient(url, { protocolVersion });
    expect(initialized?.result?.protocolVersion).toBe(expected);
  });

  test("keeps no more of what a client calls itself than records can bear", async () => {
    const { url, sessions } = await startBridge();
    await connectClient(url, { clientInfo: { name: "n".repeat(10_000), version: "1" } });
    expect([...sessions.all()].map(({ client }) => client?.name.length)).toEqual([256]);
  });

  test.each([{ protocolVersion: 1 }, { clientInfo: {} }, { capabilities: [] }])(
    "with %j is refused in its own answer, without a session",
    async (params) => {
      const { url, sessions } = await startBridge();
      const answer = await post(url, initializeRequest(params));
      expect(await answer.ended).toMatchObject({ id: "init", error: { code: -32602 } });
      expect([answer.status, answer.headers.get("mcp-session-id"), sessions.size]).toEqual([200, null, 0]);
    },
  );

  test("passes on what the upstreams say of themselves, each under its name", async () => {
    const wires = { a: aWire({ instructions: "be kind" }), b: aWire(), c: aWire({ instructions: "be quick" }) };
    const { connect } = await startBridge({ wires });
    const { initialized } = await connect();
    expect(initialized?.result?.instructions).toBe("# a\nbe kind\n\n# c\nbe quick");
  });
});

describe("a POST", () => {
  test("of a request is answered with 200", async () => {
    const { client } = await aFront();
    const answer = await client.send(PING);
    expect([answer.status, await answer.ended]).toEqual([200, { jsonrpc: "2.0", id: 1, result: {} }]);
  });

  test.each([
    { jsonrpc: "2.0", method: "notifications/initialized" },
    { jsonrpc: "2.0", id: 1, result: {} },
  ])("of what needs no answer is answered with 202 and nothing: %j", async (message) => {
    const { client } = await aFront();
    const answer = await client.send(message);
    expect([answer.status, await answer.ended]).toEqual([202, undefined]);
  });

  test.each([
    [400, "message.unparsable", "{"],
    [400, "message.invalid", JSON.stringify([PING])],
    [400, "message.invalid", "{}"],
    [400, "message.duplicate_key", `{"jsonrpc":"2.0","id":1,"method":"ping","id":2}`],
    [413, "message.too_large", `"${"x".repeat(4 * 1024 * 1024)}"`],
  ])("is refused with %i %s", async (status, code, body) => {
    const { client } = await aFront();
    const answer = await client.send(body);
    expect([answer.status, await codeOf(answer)]).toEqual([status, code]);
    expect((await client.send(PING)).status).toBe(200);
  });

  test("that is not UTF-8 is refused", async () => {
    const { url, client } = await aFront();
    const body = new Uint8Array([0x22, 0xff, 0x22]);
    const answer = await exchange(url, { method: "POST", headers: { ...JSON_HEADERS, ...client.headers }, body });
    expect([answer.status, await codeOf(answer)]).toEqual([400, "message.unparsable"]);
  });

  test("of almost 4 MiB is taken", async () => {
    const { client } = await aFront();
    const answer = await client.send({ ...PING, params: { x: "x".repeat(4_190_000) } });
    expect(answer.status).toBe(200);
  });

  test.each([
    [200, "*/*"],
    [200, "application/*, text/*"],
    [200, "text/event-stream;q=0.5, application/json"],
    [406, "application/json"],
    [406, "text/event-stream"],
    [406, "text/html"],
    [406, ""],
  ])("is answered with %i to one that accepts %j", async (status, accept) => {
    const { url, client } = await aFront();
    expect((await post(url, PING, { ...client.headers, accept })).status).toBe(status);
  });

  test.each([
    [200, "application/json; charset=utf-8"],
    [200, "Application/JSON"],
    [415, "text/plain"],
    [415, "application/json-patch+json"],
    [415, "application/x-www-form-urlencoded"],
  ])("is answered with %i when it says it is %s", async (status, type) => {
    const { url, client } = await aFront();
    expect((await post(url, PING, { ...client.headers, "content-type": type })).status).toBe(status);
  });
});

describe("a session", () => {
  test("that is missing is 400, one that is unknown 404", async () => {
    const { url } = await aFront();
    const missing = await post(url, PING);
    expect([missing.status, await codeOf(missing)]).toEqual([400, "session.missing"]);
    const unknown = await post(url, PING, { "mcp-session-id": "guess" });
    expect([unknown.status, await codeOf(unknown)]).toEqual([404, "session.unknown"]);
  });

  test("ends with DELETE, and its stream with it", async () => {
    const { client } = await aFront();
    const stream = await client.listen();
    expect((await client.end()).status).toBe(200);
    await stream.ended;
    expect((await client.send(PING)).status).toBe(404);
    expect((await client.end()).status).toBe(404);
  });

  test.each([
    [200, "2025-03-26"],
    [400, "2026-07-28"],
    [400, "yesterday"],
  ])("is answered with %i under version %s", async (status, version) => {
    const { url, client } = await aFront();
    expect((await post(url, PING, { ...client.headers, "mcp-protocol-version": version })).status).toBe(status);
  });

  test("of a client too old to name its version goes on without", async () => {
    const { url, client } = await aFront();
    expect((await post(url, PING, { "mcp-session-id": client.token })).status).toBe(200);
  });
});

describe("a GET", () => {
  test("opens a stream of events, and the next one takes its place", async () => {
    const { client, sessions } = await aFront();
    const first = await client.listen();
    expect([first.status, first.headers.get("content-type")]).toEqual([200, "text/event-stream"]);
    const second = await client.listen();
    await first.ended;
    for (const session of sessions.all()) session.tell(`{"method":"hello"}`);
    await until(() => second.messages.length === 1);
    expect(first.messages).toEqual([]);
  });

  test("by one that does not accept events is 406, without a session 400", async () => {
    const { url, client } = await aFront();
    const get = (headers: Record<string, string>) => exchange(url, { headers });
    expect((await get({ ...client.headers, accept: "application/json" })).status).toBe(406);
    expect((await get({ accept: "text/event-stream" })).status).toBe(400);
  });
});

test.each(["PUT", "PATCH", "OPTIONS", "HEAD"])("%s is not allowed, and what is allowed is said", async (method) => {
  const { url } = await startBridge();
  const answer = await exchange(url, { method });
  expect([answer.status, answer.headers.get("allow")]).toEqual([405, "POST, GET, DELETE"]);
});
