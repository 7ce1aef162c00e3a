import { request } from "node:http";
import { expect, onTestFinished, test } from "vitest";
import { initializeRequest, JSON_HEADERS, openRaw, post } from "./client/raw.ts";
import { describeSystems } from "./describe-systems.ts";
import { echo } from "./system/configuration.ts";
import type { System } from "./system/system.ts";
import { until } from "./system/until.ts";

const list = { jsonrpc: "2.0", id: 1, method: "tools/list" };

/** A POST of `initialize` with headers that `fetch` would not let us set. */
function initializeWith(system: System, headers: Readonly<Record<string, string>>): Promise<number> {
  return new Promise((resolve, reject) => {
    const outgoing = request(system.url(), { method: "POST", headers: { ...JSON_HEADERS, ...headers } });
    outgoing.on("response", (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    outgoing.on("error", reject).end(JSON.stringify(initializeRequest));
  });
}

describeSystems("the MCP endpoint", { servers: { echo: echo() } }, (system) => {
  test("opens a session with an id that nobody can guess", async () => {
    const opened = await post(system().url(), initializeRequest);
    expect(opened.status).toBe(200);
    expect(opened.headers.get("mcp-session-id")).toMatch(/^[!-~]{22,}$/);
    expect(JSON.parse(opened.messages[0] ?? "")).toMatchObject({
      id: "init",
      result: { protocolVersion: "2025-11-25", serverInfo: { name: "mcp-governance-bridge" } },
    });
  });

  test("answers /mcp/ like /mcp", async () => {
    const opened = await post(`${system().url()}/`, initializeRequest);
    expect(opened.status).toBe(200);
  });

  test("answers 400 without a session and 404 for one it does not know", async () => {
    expect((await post(system().url(), list)).status).toBe(400);
    const unknown = await post(system().url(), list, { ...JSON_HEADERS, "mcp-session-id": "nobody" });
    expect(unknown.status).toBe(404);
  });

  test("ends a session on DELETE, after which it is unknown", async () => {
    const session = await openRaw(system().url());
    const ended = await fetch(system().url(), { method: "DELETE", headers: session.headers });
    expect([200, 204]).toContain(ended.status);
    expect((await session.post(list)).status).toBe(404);
  });

  test("answers 202 without a body to a notification", async () => {
    const session = await openRaw(system().url());
    const answer = await session.post({ jsonrpc: "2.0", method: "notifications/roots/list_changed" });
    expect(answer.status).toBe(202);
    expect(answer.text).toBe("");
  });

  test.each([
    [406, { "content-type": "application/json", accept: "application/json" }],
    [415, { "content-type": "text/plain", accept: "application/json, text/event-stream" }],
  ])("answers %i to the wrong media types", async (status, headers) => {
    expect((await post(system().url(), initializeRequest, headers)).status).toBe(status);
  });

  test("answers 413 to a body beyond any reason", async () => {
    const session = await openRaw(system().url());
    const message = "x".repeat(20 * 1024 * 1024);
    const params = { name: "echo_echo", arguments: { message } };
    const answer = await session.post({ jsonrpc: "2.0", id: 1, method: "tools/call", params }).catch(() => undefined);
    // The server may close the connection before all is sent.
    if (answer) expect(answer.status).toBe(413);
    expect((await session.post(list)).status).toBe(200);
  });

  test("answers 405 to a method it does not know, and says which it knows", async () => {
    const answer = await fetch(system().url(), { method: "PUT", headers: JSON_HEADERS, body: "{}" });
    expect(answer.status).toBe(405);
    expect(answer.headers.get("allow")).toContain("POST");
  });

  test("answers 400 to a protocol version it does not speak", async () => {
    const session = await openRaw(system().url());
    expect((await session.post(list, { "mcp-protocol-version": "1999-01-01" })).status).toBe(400);
  });

  test("answers 403 to a foreign origin and to a foreign host", async () => {
    expect(await initializeWith(system(), { origin: "https://evil.example" })).toBe(403);
    expect(await initializeWith(system(), { origin: "null" })).toBe(403);
    expect(await initializeWith(system(), { host: "evil.example" })).toBe(403);
    expect(await initializeWith(system(), { origin: `http://localhost:${system().basePort}` })).toBe(200);
    expect(await initializeWith(system(), { host: `localhost:${system().basePort}` })).toBe(200);
  });

  test("streams what comes before the result, and answers as it is asked to", async () => {
    const session = await openRaw(system().url());
    const params = { name: "echo_progress", arguments: { steps: 2 }, _meta: { progressToken: "mine" } };
    const answer = await session.post({ jsonrpc: "2.0", id: 5, method: "tools/call", params });
    expect(answer.headers.get("content-type")).toContain("text/event-stream");
    const messages = answer.messages.map((message) => JSON.parse(message) as unknown);
    expect(messages).toMatchObject([
      { method: "notifications/progress", params: { progressToken: "mine", progress: 1, total: 2 } },
      { method: "notifications/progress", params: { progressToken: "mine", progress: 2, total: 2 } },
      { id: 5, result: { content: [{ text: "2 steps" }] } },
    ]);
  });

  test("opens a stream on GET that ends with its session", async () => {
    const session = await openRaw(system().url());
    const stream = await fetch(system().url(), { headers: { ...session.headers, accept: "text/event-stream" } });
    onTestFinished(() => stream.body?.cancel().catch(() => undefined));
    expect(stream.status).toBe(200);
    expect(stream.headers.get("content-type")).toContain("text/event-stream");
    let ended = false;
    const end = stream.text().finally(() => {
      ended = true;
    });
    await fetch(system().url(), { method: "DELETE", headers: session.headers });
    await until(() => ended, { what: "the stream has ended", withinMs: 5_000 });
    await end.catch(() => undefined);
  });

  test("tells its state beside the endpoint", async () => {
    const base = `http://127.0.0.1:${system().basePort}`;
    expect(await (await fetch(`${base}/`)).json()).toMatchObject({ service: "MCP Governance Bridge", mode: "unified" });
    expect((await fetch(`${base}/healthz`)).status).toBe(200);
    const ready = await fetch(`${base}/readyz`);
    expect(ready.status).toBe(200);
    expect(JSON.stringify(await ready.json())).toContain("echo");
    expect(await (await fetch(`${base}/metrics`)).text()).toMatch(/^# (HELP|TYPE) /m);
    expect((await fetch(`${base}/nothing`)).status).toBe(404);
  });

  test("tells the records with the seed's filters, and 400 for a wrong one", async () => {
    const api = `http://127.0.0.1:${system().basePort}/governance/tool-logs`;
    expect(await (await fetch(`${api}?server_name=echo&hours=1&limit=5`)).json()).toMatchObject({ status: "success" });
    const wrong = await fetch(`${api}?limit=many`);
    expect(wrong.status).toBe(400);
    expect(await wrong.json()).toMatchObject({ status: "error" });
  });
});
