import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { GovernanceError } from "@mcp-governance-bridge/shared";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { noPolicy } from "../../test/a-policy-admin.ts";
import { anApi } from "../../test/a-policy-api.ts";
import { aLmdbStore } from "../../test/adapters/record-stores.ts";
import { aBatch, aCompleted, aDecided, aDenied } from "../../test/builders.ts";
import type { RecordStore } from "../record-store.ts";
import { toWrites } from "../records/to-writes.ts";

const ago = (hours: number): string => new Date(Date.now() - hours * 3_600_000).toISOString();

describe("GET /governance/tool-logs", () => {
  let store: RecordStore;
  let api: ReturnType<typeof anApi>;

  beforeAll(async () => {
    store = await aLmdbStore();
    api = anApi({ store, policy: noPolicy, edits: "off" });
    const recent = aDecided({
      startedAt: ago(1),
      target: "recent",
      inputs: { text: '{"id":9223372036854775807,"price":1.10}', size: 39, truncated: false },
    });
    const denied = aDenied({ startedAt: ago(2), target: "denied", server: "files", sessionId: "session-2" });
    const old = aDecided({ startedAt: ago(48), target: "old", method: "resources/read" });
    const end = aCompleted(recent, { target: "recent" });
    await store.apply(toWrites(aBatch(old, recent, end, denied), new Date()));
  });
  afterAll(() => store.close());

  const ask = async (query: string) => {
    const response = await api.app.request(`/governance/tool-logs${query}`);
    return { status: response.status, body: JSON.parse(await response.text()) };
  };
  const tools = async (query: string): Promise<string[]> =>
    (await ask(query)).body.data.map(({ tool_name }: { tool_name: string }) => tool_name);

  test("answers the calls of the last day, newest first", async () => {
    expect(await tools("")).toEqual(["recent", "denied"]);
  });

  test.each([
    ["?hours=72", ["recent", "denied", "old"]],
    ["?hours=0", ["recent", "denied", "old"]],
    ["?hours=-1", ["recent", "denied", "old"]],
    ["?hours=1.5", ["recent"]],
    ["?hours=99999999999", ["recent", "denied", "old"]],
    ["?limit=1", ["recent"]],
    ["?limit=5000", ["recent", "denied"]],
    ["?server_name=files", ["denied"]],
    ["?tool_name=recent", ["recent"]],
    ["?session_id=session-2", ["denied"]],
    ["?status=denied", ["denied"]],
    ["?method=resources/read&hours=0", ["old"]],
    ["?tool_name=", []],
  ])("answers %s", async (query, expected) => {
    expect(await tools(query)).toEqual(expected);
  });

  test.each([
    ["?limit=0", "limit"],
    ["?limit=1.5", "limit"],
    ["?limit=ten", "limit"],
    ["?limit=", "limit"],
    ["?hours=day", "hours"],
    ["?status=done", "status"],
    ["?server=files", "server"],
    ["?limit=1&limit=2", "limit"],
  ])("refuses %s and says why", async (query, name) => {
    const { status, body } = await ask(query);
    expect(status).toBe(400);
    expect(body).toEqual({ status: "error", error: expect.stringContaining(name), code: "request.invalid" });
  });

  test("gives payloads back digit by digit, and dates as text", async () => {
    const text = await (await api.app.request("/governance/tool-logs?tool_name=recent")).text();
    expect(text).toContain('"inputs":{"id":9223372036854775807,"price":1.10}');
    const { status, data } = JSON.parse(text);
    expect(status).toBe("success");
    expect(data[0].start_time).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
    expect(data[0]).not.toHaveProperty("_id");
  });

  test("answers over a server of Node too", async () => {
    const server: Server = createServer((request, response) => api.handle(request, response));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    const response = await fetch(`http://127.0.0.1:${port}/governance/tool-logs?limit=1`);
    expect(response.headers.get("content-type")).toBe("application/json");
    expect((await response.json()) as object).toMatchObject({ status: "success", data: [{ tool_name: "recent" }] });
    server.close();
  });
});

describe("the governance API", () => {
  const apiOver = (failure: Error) => {
    const store = { aggregate: () => Promise.reject(failure) };
    return anApi({ store, policy: noPolicy, edits: "open" }).app;
  };

  test("answers 404 for what it does not know, and 405 for another method", async () => {
    const app = apiOver(new Error("unused"));
    const unknown = await app.request("/governance/nothing");
    expect([unknown.status, await unknown.json()]).toMatchObject([404, { status: "error", code: "http.path" }]);
    const post = await app.request("/governance/tool-logs", { method: "POST" });
    expect([post.status, await post.json()]).toMatchObject([405, { status: "error", code: "http.method" }]);
    expect(post.headers.get("allow")).toBe("GET");
  });

  test("says that the store does not answer", async () => {
    const response = await apiOver(new GovernanceError("store.unavailable", "no server")).request(
      "/governance/tool-logs",
    );
    expect([response.status, await response.json()]).toEqual([
      503,
      { status: "error", error: "no server", code: "store.unavailable" },
    ]);
  });

  test("hides the text of any other failure", async () => {
    const response = await apiOver(new Error("secret")).request("/governance/tool-logs");
    expect([response.status, await response.json()]).toMatchObject([
      500,
      { error: "internal error", code: "internal" },
    ]);
  });
});
