import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";
import { until } from "./until.ts";

/** One request that the upstream got. */
export interface Seen {
  method: string;
  headers: IncomingMessage["headers"];
  body: string;
  rpc: { id?: number; method?: string; params?: Record<string, unknown> };
  response: ServerResponse;
}

/** An MCP server over HTTP that does what the test says. */
export interface HttpUpstream {
  url: string;
  port: number;
  seen: Seen[];
  /** Waits for a request with this JSON-RPC or HTTP method. */
  got(method: string): Promise<Seen>;
  /** Breaks all connections and listens no more. */
  stop(): Promise<void>;
}

type Handle = (seen: Seen) => void;

export async function startHttpUpstream(handle: Handle, port = 0): Promise<HttpUpstream> {
  const seen: Seen[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks).toString();
    const rpc = body === "" ? {} : (JSON.parse(body) as Seen["rpc"]);
    const one = { method: request.method ?? "", headers: request.headers, body, rpc, response };
    seen.push(one);
    handle(one);
  });
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  const bound = (server.address() as AddressInfo).port;
  const stop = async (): Promise<void> => {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    server.closeAllConnections();
    await closed;
  };
  onTestFinished(stop);
  return {
    url: `http://127.0.0.1:${bound}/mcp?key=1`,
    port: bound,
    seen,
    got: (method) => until(() => seen.find((each) => each.rpc.method === method || each.method === method)),
    stop,
  };
}

interface Status {
  status?: number;
  headers?: object;
}

export function json({ response }: Seen, body: object | string, { status = 200, headers = {} }: Status = {}): void {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  response.writeHead(status, { "content-type": "application/json", ...headers }).end(text);
}

/** Begins a stream of events, or says more on it. */
export function event({ response }: Seen, message: object | string, headers: object = {}): void {
  if (!response.headersSent) response.writeHead(200, { "content-type": "text/event-stream", ...headers });
  response.write(`event: message\ndata: ${typeof message === "string" ? message : JSON.stringify(message)}\n\n`);
}

export const resultFor = ({ rpc }: Seen, result: unknown = {}) => ({ jsonrpc: "2.0", id: rpc.id, result });

/** What a plain server says to the handshake and to messages without an answer; true when that was it. */
export function introduce(
  seen: Seen,
  { capabilities = {}, headers = {} }: { capabilities?: object; headers?: object } = {},
) {
  const { method, rpc, response } = seen;
  if (method !== "POST") response.writeHead(405).end();
  else if (rpc.id === undefined) response.writeHead(202).end();
  else if (rpc.method === "initialize") {
    const serverInfo = { name: "http", version: "1" };
    json(seen, resultFor(seen, { protocolVersion: "2025-06-18", capabilities, serverInfo }), { headers });
  } else return false;
  return true;
}
