import { StringDecoder } from "node:string_decoder";
import { createParser, type EventSourceParser } from "eventsource-parser";
import type { Dispatcher } from "undici";
import type { LossReason } from "./connection.ts";

export interface AnswerHandlers {
  /** Says why this status is a failure, or nothing when it is none. */
  onHeaders(status: number, headers: Record<string, string | string[] | undefined>): LossReason | undefined;
  /** A JSON body, or the data of one server-sent event. */
  onText(text: string): void;
  onEnd(): void;
  onFailure(reason: LossReason, detail: string): void;
}

/** Before any byte left, a request cannot have run. */
const UNSENT = new Set(["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "EHOSTUNREACH", "UND_ERR_CONNECT_TIMEOUT"]);

/** Reads one HTTP answer, JSON or server-sent events, as it comes. */
export class Answer implements Dispatcher.DispatchHandler {
  readonly #handlers: AnswerHandlers;
  readonly #decoder = new StringDecoder("utf8");
  #events: EventSourceParser | undefined;
  #body = "";
  #failed: LossReason | undefined;
  #status = 0;
  #controller: Dispatcher.DispatchController | undefined;
  #abandoned = false;

  constructor(handlers: AnswerHandlers) {
    this.#handlers = handlers;
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#abandoned) this.abandon();
  }

  /** Waits no longer, which frees the connection. */
  abandon(): void {
    this.#abandoned = true;
    this.#controller?.abort(new Error("given up"));
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: Record<string, string | string[] | undefined>,
  ): void {
    this.#status = status;
    this.#failed = this.#handlers.onHeaders(status, headers);
    if (String(headers["content-type"]).startsWith("text/event-stream")) {
      this.#events = createParser({ onEvent: ({ data }) => this.#handlers.onText(data) });
    }
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    const text = this.#decoder.write(chunk);
    if (this.#events && !this.#failed) this.#events.feed(text);
    else this.#body += text;
  }

  onResponseEnd(): void {
    // Servers send JSON-RPC errors with a failing status too; those are answers.
    const isAnswer = this.#failed === "lost" && this.#body.includes('"jsonrpc"');
    if (this.#failed && !isAnswer) return this.#handlers.onFailure(this.#failed, this.#detail());
    if (!this.#events && this.#body !== "") this.#handlers.onText(this.#body);
    this.#handlers.onEnd();
  }

  #detail(): string {
    return `HTTP ${this.#status} ${this.#body.slice(0, 200)}`.trim();
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error & { code?: string }): void {
    this.#handlers.onFailure(UNSENT.has(error.code ?? "") ? "unsent" : "lost", error.message);
  }
}
