import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, onTestFinished, test } from "vitest";
import { aServer } from "../test/builders.ts";
import { connectClient, JSON_HEADERS } from "../test/client.ts";
import { aChild, freePort, startGateway } from "../test/gateway.ts";
import { isRunning } from "../test/is-running.ts";
import { until } from "../test/until.ts";

describe("the routes of a listener", () => {
  test.each([
    ["GET", "/", 200, `"service":"MCP Governance Bridge"`],
    ["POST", "/", 404, "http.path"],
    ["GET", "/healthz", 200, `"status":"ok"`],
    ["GET", "/readyz", 200, `"status":"ready"`],
    ["GET", "/metrics", 200, "gateway_upstream_connected"],
    ["PUT", "/mcp", 405, "http.method"],
    ["PUT", "/mcp/", 405, "http.method"],
    ["PUT", "/mcp?x=1", 405, "http.method"],
    ["GET", "/governance/tool-logs?limit=1", 203, "the api"],
    ["GET", "/governance", 203, "the api"],
    ["GET", "/governancex", 404, "http.path"],
    ["GET", "/mcpx", 404, "http.path"],
    ["GET", "/nothing", 404, "http.path"],
  ])("stay: %s %s", async (...row) => {
    const [method, path, status, text] = row;
    const port = await freePort();
    const { at } = await startGateway([aServer({ port, disabled: false })]);
    const response = await fetch(at(port) + path, { method });
    expect(response.status).toBe(status);
    expect(await response.text()).toContain(text);
  });

  test("are open to a foreign host for probes alone", async () => {
    const port = await freePort();
    await startGateway([aServer({ port })]);
    const statusOf = (path: string) =>
      new Promise((resolve, reject) => {
        const probe = request({ port, path, host: "127.0.0.1", headers: { host: "evil.example" } });
        probe.on("response", (response) => resolve(response.resume().statusCode)).on("error", reject);
        probe.end();
      });
    expect(await Promise.all(["/healthz", "/", "/mcp", "/governance/x"].map(statusOf))).toEqual([200, 403, 403, 403]);
  });
});

describe("a gateway", () => {
  test("starts without waiting for any upstream, and says how each is", async () => {
    const port = await freePort();
    const { ready, bus } = await startGateway([aChild("good", port), aChild("mute", port, ["--mute"])]);
    expect((await ready()).status).toBe(200);
    await until(() => bus.published.some(({ subject }) => subject === "governance.upstream.changed"));
    const { upstreams } = await ready();
    expect(upstreams).toMatchObject({ good: { state: "connected", port }, mute: { state: "starting" } });
    expect(bus.published[0]?.subject).toBe("governance.config.loaded");
  });

  test("serves the other ports when one is taken, and is not ready while it is", async () => {
    const holder = createServer();
    await new Promise<void>((resolve) => holder.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void holder.close());
    const taken = (holder.address() as AddressInfo).port;
    const port = await freePort();
    const { at, ready } = await startGateway([aServer({ name: "a", port: taken }), aServer({ name: "b", port })]);
    expect((await fetch(`${at(port)}/healthz`)).status).toBe(200);
    expect((await ready(port)).status).toBe(503);
  });

  test("does not know on one listener the session of another", async () => {
    const [one, two] = [await freePort(), await freePort()];
    const { at } = await startGateway([aServer({ name: "a", port: one }), aServer({ name: "b", port: two })]);
    const { headers } = await connectClient(`${at(one)}/mcp`);
    const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "ping" });
    const ping = (port: number) =>
      fetch(`${at(port)}/mcp`, { method: "POST", headers: { ...JSON_HEADERS, ...headers }, body });
    expect([(await ping(one)).status, (await ping(two)).status]).toEqual([200, 404]);
  });

  test("closes with a call under way: its client has an answer, no child is left, nobody is served", async () => {
    const port = await freePort();
    const server = aChild("good", port, ["--with-tool"]);
    const { gateway, at, ready } = await startGateway([server]);
    await expect.poll(async () => (await ready()).upstreams.good?.state).toBe("connected");
    const client = await connectClient(`${at(port)}/mcp`);
    const { result } = await client.request("tools/call", { name: "good_pid" });
    const pid = Number(result?.pid);
    expect(isRunning(pid)).toBe(true);
    const slow = client.request("tools/call", { name: "good_slow" });
    await new Promise((resolve) => setTimeout(resolve, 50));
    await gateway.close();
    expect(await slow).toMatchObject({ result: { slow: true } });
    expect(isRunning(pid)).toBe(false);
    await expect(fetch(at(port))).rejects.toThrow();
  });
});
