import { Agent, type IncomingHttpHeaders, type IncomingMessage, request, type ServerResponse } from "node:http";
import { pipeline } from "node:stream";
import type { Closable, Log } from "@mcp-governance-bridge/shared";
import type { GovernanceApi } from "../ports.ts";

// RFC 9110, 7.6.1: these speak of one connection and end with it.
const HOP_BY_HOP = new Set([
  "connection",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);
const TIMEOUT_MS = 30_000;

/**
 * Passes requests on to the tracker at `url`, path and query unchanged, and its answers back as they come and no faster
 * than they are read; answers 503 `store.unavailable` when it is away.
 */
export function createHttpGovernanceApi(url: string, log: Log, timeoutMs = TIMEOUT_MS): GovernanceApi & Closable {
  const agent = new Agent({ keepAlive: true });
  const base = new URL(url);

  function handle(incoming: IncomingMessage, response: ServerResponse): void {
    const outgoing = request({
      agent,
      host: base.hostname,
      port: base.port,
      method: incoming.method,
      path: incoming.url,
      headers: { ...endToEnd(incoming.headers), ...framing(incoming.headers), ...way(incoming), host: base.host },
      timeout: timeoutMs,
    });
    outgoing.on("timeout", () => {
      // A reader that takes its time is no silence of the tracker's.
      if (response.writableNeedDrain) outgoing.setTimeout(timeoutMs);
      else outgoing.destroy(new Error(`no answer in ${timeoutMs} ms`));
    });
    outgoing.on("response", (answer) => {
      response.writeHead(answer.statusCode ?? 502, endToEnd(answer.headers)).flushHeaders();
      pipeline(answer, response, () => undefined);
    });
    outgoing.on("error", (error) => {
      if (response.destroyed) return;
      log.warn({ err: error }, "the tracker did not answer");
      refuse(response);
    });
    response.on("close", () => {
      if (!response.writableFinished) outgoing.destroy();
    });
    pipeline(incoming, outgoing, () => undefined);
  }

  return {
    handle,
    async close() {
      agent.destroy();
    },
  };
}

function refuse(response: ServerResponse): void {
  if (response.headersSent) return void response.destroy();
  const body = { status: "error", error: "the tracker did not answer", code: "store.unavailable" };
  response.writeHead(503, { "content-type": "application/json" }).end(JSON.stringify(body));
}

/**
 * A body is framed as it came. Node frames none of GET, DELETE and the like by itself, and what is not framed would be
 * taken for a request of its own at the other end.
 */
function framing(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  if (headers["transfer-encoding"] !== undefined) return { "transfer-encoding": "chunked" };
  const length = headers["content-length"];
  return length === undefined ? {} : { "content-length": length };
}

/** By which way a request came, the nearest last: the record of who reads it says so. */
function way({ headers, socket }: IncomingMessage): IncomingHttpHeaders {
  const before = headers["x-forwarded-for"];
  const peer = socket.remoteAddress ?? "unknown";
  return { "x-forwarded-for": before === undefined ? peer : `${before}, ${peer}` };
}

function endToEnd(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  const named = new Set(headers.connection?.split(",").map((name) => name.trim().toLowerCase()));
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !HOP_BY_HOP.has(name) && !named.has(name)));
}
