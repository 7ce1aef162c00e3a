import type { ServerResponse } from "node:http";
import { EventStream } from "./event-stream.ts";

/** A JSON answer that takes longer becomes a stream, whose comments keep connections open. */
const PATIENCE_MS = 15_000;

/**
 * The answer to one POST. Plain JSON when the response is all there is to say;
 * server-sent events as soon as anything else must be said before it.
 */
export class Reply {
  readonly #response: ServerResponse;
  #stream: EventStream | undefined;
  #patience: NodeJS.Timeout | undefined;
  #ended = false;

  constructor(response: ServerResponse) {
    this.#response = response;
    this.#patience = setTimeout(() => this.#open(), PATIENCE_MS);
  }

  /** Says something before the response; false when that was given already. */
  send(text: string): boolean {
    if (this.#ended) return false;
    this.#open().send(text);
    return true;
  }

  /** The response, and the end. Nothing happens when the client has left. */
  end(text: string): void {
    clearTimeout(this.#patience);
    this.#ended = true;
    if (this.#stream) {
      this.#stream.send(text);
      return this.#stream.end();
    }
    // As a string, so that Node sends head and body in one write.
    const length = String(Buffer.byteLength(text));
    this.#response.writeHead(200, ["content-type", "application/json", "content-length", length]).end(text);
  }

  /** Ends without a response, as a cancelled call has none. */
  abandon(): void {
    this.#open().end();
    this.#ended = true;
  }

  #open(): EventStream {
    clearTimeout(this.#patience);
    this.#stream ??= new EventStream(this.#response);
    return this.#stream;
  }
}
