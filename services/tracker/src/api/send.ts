import type { ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { ReadableStream } from "node:stream/web";
import { RESPONSE_ALREADY_SENT } from "@hono/node-server/utils/response";
import type { Log } from "@mcp-governance-bridge/shared";

/** The response without its body, which is not made then. */
export async function headOf(response: Response): Promise<Response> {
  await response.body?.cancel();
  return new Response(null, response);
}

/**
 * Sends a response as fast as it is read, and no faster. Where its body fails or the reader leaves, the connection ends:
 * nobody takes a part for the whole.
 */
export function stream(response: Response, outgoing: ServerResponse, log: Log): Response {
  const { body, status, headers } = response;
  if (!body) return response;
  outgoing.writeHead(status, Object.fromEntries(headers)).flushHeaders();
  pipeline(Readable.fromWeb(body as ReadableStream), outgoing).catch((error: unknown) => {
    if (!isLeaving(error)) log.warn({ err: error }, "an answer ended before it was whole");
  });
  return RESPONSE_ALREADY_SENT;
}

function isLeaving(error: unknown): boolean {
  return (error as { code?: unknown }).code === "ERR_STREAM_PREMATURE_CLOSE";
}
