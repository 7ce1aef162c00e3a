import type { ServerResponse } from "node:http";
import { oneLine } from "../jsonrpc/compose.ts";

const HEADERS = {
  "content-type": "text/event-stream",
  "cache-control": "no-cache, no-transform",
  connection: "keep-alive",
  // Asks proxies such as nginx to pass events on as they come.
  "x-accel-buffering": "no",
};

const KEEP_ALIVE_MS = 15_000;
/** A client that reads nothing while this much waits for it is cut off, so that it cannot fill our memory. */
const MAX_UNREAD = 16 * 1024 * 1024;

/** A stream of server-sent events to a client, kept alive by comments until it ends. */
export class EventStream {
  readonly #response: ServerResponse;
  readonly #beat: NodeJS.Timeout | undefined;

  constructor(response: ServerResponse) {
    this.#response = response;
    response.writeHead(200, HEADERS);
    response.flushHeaders();
    // The end of one that has left already would not be told again.
    if (response.closed) return;
    this.#beat = setInterval(() => response.write(": keep-alive\n\n"), KEEP_ALIVE_MS);
    response.once("close", () => clearInterval(this.#beat));
  }

  /** One JSON-RPC message. */
  send(text: string): void {
    if (this.#response.writableLength > MAX_UNREAD) this.#response.destroy();
    else this.#response.write(`event: message\ndata: ${oneLine(text)}\n\n`);
  }

  end(): void {
    clearInterval(this.#beat);
    this.#response.end();
  }
}
