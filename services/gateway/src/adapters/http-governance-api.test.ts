import { once } from "node:events";
import { createServer, type RequestListener, type Server } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { silentLog } from "@mcp-governance-bridge/shared";
import { afterEach, describe, expect, test } from "vitest";
import { createHttpGovernanceApi } from "./http-governance-api.ts";

const closing: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function serve(listener: RequestListener): Promise<{ url: string; server: Server }> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closing.push(
    () => void server.close(),
    () => server.closeAllConnections(),
  );
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server };
}

async function aGateway(trackerUrl: string): Promise<string> {
  const api = createHttpGovernanceApi(trackerUrl, silentLog);
  closing.push(() => api.close());
  return (await serve((request, response) => api.handle(request, response))).url;
}

test("passes path, query, body and headers to the tracker, and its answer back", async () => {
  const tracker = await serve(async (request, response) => {
    const body = Buffer.concat(await request.toArray()).toString();
    response.writeHead(201, { "content-type": "application/json", "x-answer": "yes" });
    response.end(JSON.stringify({ url: request.url, method: request.method, body, headers: request.headers }));
  });
  const gateway = await aGateway(tracker.url);
  const response = await fetch(`${gateway}/governance/tool-logs?limit=5&q=%C3%BC`, {
    method: "POST",
    body: "x".repeat(200_000),
    headers: { "x-question": "why" },
  });
  expect(response.status).toBe(201);
  expect(response.headers.get("x-answer")).toBe("yes");
  const seen = (await response.json()) as {
    url: string;
    method: string;
    body: string;
    headers: Record<string, string>;
  };
  expect(seen.url).toBe("/governance/tool-logs?limit=5&q=%C3%BC");
  expect(seen.method).toBe("POST");
  expect(seen.body).toHaveLength(200_000);
  expect(seen.headers["x-question"]).toBe("why");
});

test("says 503 store.unavailable while the tracker is away", async () => {
  const gateway = await aGateway("http://127.0.0.1:1");
  const response = await fetch(`${gateway}/governance/tool-logs`);
  expect(response.status).toBe(503);
  expect(await response.json()).toEqual({
    status: "error",
    error: "the tracker did not answer",
    code: "store.unavailable",
  });
});

test("streams: the first part of an answer arrives before the last is made", async () => {
  const finish: (() => void)[] = [];
  const tracker = await serve((_request, response) => {
    response.write("first");
    finish.push(() => response.end("last"));
  });
  const response = await fetch(`${await aGateway(tracker.url)}/governance/export`);
  const reader = response.body!.getReader();
  expect(new TextDecoder().decode((await reader.read()).value)).toBe("first");
  finish[0]!();
  expect(new TextDecoder().decode((await reader.read()).value)).toBe("last");
});

test("uses one connection for one request after another", async () => {
  const sockets = new Set<unknown>();
  const tracker = await serve((request, response) => {
    sockets.add(request.socket);
    response.end("{}");
  });
  const gateway = await aGateway(tracker.url);
  for (let times = 0; times < 5; times++) await (await fetch(`${gateway}/governance/x`)).text();
  expect(sockets.size).toBe(1);
});

describe("a body that is a request itself", () => {
  const SMUGGLED = "GET /governance/secrets HTTP/1.1\r\nHost: x\r\n\r\n";
  const chunked = `Transfer-Encoding: chunked\r\n\r\n${SMUGGLED.length.toString(16)}\r\n${SMUGGLED}\r\n0\r\n\r\n`;
  const counted = `Content-Length: ${SMUGGLED.length}\r\n\r\n${SMUGGLED}`;

  test.each([
    ["GET", chunked],
    ["DELETE", chunked],
    ["PUT", chunked],
    ["GET", counted],
    ["DELETE", `Connection: content-length, keep-alive\r\n${counted}`],
    ["GET", `Connection: transfer-encoding\r\n${chunked}`],
  ])("stays a body: %s with %j", async (method, rest) => {
    const seen: string[] = [];
    const tracker = await serve(async (request, response) => {
      seen.push(`${request.method} ${request.url} ${Buffer.concat(await request.toArray()).toString()}`);
      response.end("{}");
    });
    const gateway = new URL(await aGateway(tracker.url));
    const socket = connect(Number(gateway.port), gateway.hostname);
    closing.push(() => void socket.destroy());
    socket.write(`${method} /governance/x HTTP/1.1\r\nHost: localhost\r\n${rest}`);
    await once(socket, "data");
    // The tracker answers requests in order, so that a further one would have been seen by the time of this answer.
    socket.write("POST /governance/last HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n");
    await expect.poll(() => seen.at(-1)).toBe("POST /governance/last ");
    expect(seen).toEqual([`${method} /governance/x ${SMUGGLED}`, "POST /governance/last "]);
  });
});
