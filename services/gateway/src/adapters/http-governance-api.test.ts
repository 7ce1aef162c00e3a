import { once } from "node:events";
import { createServer, type RequestListener, type Server } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { Readable } from "node:stream";
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

async function aGateway(trackerUrl: string, timeoutMs?: number): Promise<string> {
  const api = createHttpGovernanceApi(trackerUrl, silentLog, timeoutMs);
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

test("adds where a request came from", async () => {
  const tracker = await serve((request, response) => response.end(request.headers["x-forwarded-for"]));
  const gateway = await aGateway(tracker.url);
  const wayOf = async (headers: Record<string, string>) => (await fetch(`${gateway}/governance/x`, { headers })).text();
  expect(await wayOf({})).toBe("127.0.0.1");
  expect(await wayOf({ "x-forwarded-for": "203.0.113.5, 10.0.0.2" })).toBe("203.0.113.5, 10.0.0.2, 127.0.0.1");
});

test("streams: the head of an answer arrives before there is any of its body", async () => {
  const tracker = await serve((_request, response) => {
    response.writeHead(200, { "content-type": "text/event-stream" }).flushHeaders();
  });
  const response = await fetch(`${await aGateway(tracker.url)}/governance/live`);
  expect(response.headers.get("content-type")).toBe("text/event-stream");
  await response.body?.cancel();
});

test("lets the tracker know when the reader of a stream has left", async () => {
  const left: string[] = [];
  const tracker = await serve((request, response) => {
    response.on("close", () => left.push(request.url ?? "")).write(": live\n\n");
  });
  const aborter = new AbortController();
  const response = await fetch(`${await aGateway(tracker.url)}/governance/live`, { signal: aborter.signal });
  await response.body?.getReader().read();
  aborter.abort();
  await expect.poll(() => left).toEqual(["/governance/live"]);
});

describe("a large answer", () => {
  const CHUNK = Buffer.alloc(65_536, "x");
  const CHUNKS = 1_600;
  const TIMEOUT_MS = 100;

  async function download() {
    let made = 0;
    const chunks = Readable.from(
      (function* () {
        for (; made < CHUNKS; made++) yield CHUNK;
      })(),
    );
    const tracker = await serve((_request, response) => void chunks.pipe(response));
    const response = await fetch(`${await aGateway(tracker.url, TIMEOUT_MS)}/governance/exports/1/content`);
    return { response, made: () => made };
  }

  test("is made no faster than it is read, and waits for a reader that takes its time", async () => {
    const { response, made } = await download();
    let before = -1;
    await expect
      .poll(
        () => {
          const isAtRest = made() === before;
          before = made();
          return isAtRest;
        },
        { interval: TIMEOUT_MS * 3, timeout: 5_000 },
      )
      .toBe(true);
    expect(made()).toBeLessThan(CHUNKS / 2);
    let bytes = 0;
    for await (const chunk of response.body ?? []) bytes += chunk.length;
    expect(bytes).toBe(CHUNK.length * CHUNKS);
  });
});

test("ends an answer that the tracker does not go on with", async () => {
  const tracker = await serve((_request, response) => void response.write("first"));
  const response = await fetch(`${await aGateway(tracker.url, 50)}/governance/live`);
  await expect(response.text()).rejects.toThrow();
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
