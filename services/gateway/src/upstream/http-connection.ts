import type { Log } from "@mcp-governance-bridge/shared";
import type { UpstreamTransport } from "@mcp-governance-bridge/shared/configuration";
import { Pool } from "undici";
import { type Message, readUpstreamMessage } from "../jsonrpc/message.ts";
import type { Connect, Connection, ConnectionEvents, LossReason } from "./connection.ts";
import { Answer } from "./http-answer.ts";

type Http = Extract<UpstreamTransport, { kind: "streamable-http" }>;

const ACCEPT = "application/json, text/event-stream";
const LISTEN_AGAIN_MS = 1_000;
const CLOSE_MS = 1_000;

/** Speaks Streamable HTTP to an upstream: one POST a message, and a GET stream for what the upstream says by itself. */
export function httpConnect({ transport, log }: { transport: Http; log: Log }): Connect {
  return async (events) => new HttpConnection(transport, events, log);
}

class HttpConnection implements Connection {
  readonly #pool: Pool;
  readonly #path: string;
  readonly #events: ConnectionEvents;
  readonly #log: Log;
  #headers: Record<string, string>;
  #closed = false;
  #hasListened = false;
  /** Those that have not ended, by their requests. */
  readonly #answers = new Map<number, Answer>();

  constructor({ url, headers }: Http, events: ConnectionEvents, log: Log) {
    const { origin, pathname, search } = new URL(url);
    // Deadlines are the link's: a call may be silent for as long as its server's timeout allows.
    this.#pool = new Pool(origin, { headersTimeout: 0, bodyTimeout: 0, pipelining: 1 });
    this.#path = pathname + search;
    this.#headers = { ...headers, accept: ACCEPT, "content-type": "application/json" };
    this.#events = events;
    this.#log = log;
  }

  request(text: string, exchange: number): void {
    const hadSession = "mcp-session-id" in this.#headers;
    const answer = new Answer({
      onHeaders: (status, headers) => {
        const session = headers["mcp-session-id"];
        if (typeof session === "string") this.#headers = { ...this.#headers, "mcp-session-id": session };
        if (status === 404 && hadSession) return "session";
        return status >= 400 ? "lost" : undefined;
      },
      onText: (body) => this.#read(body, exchange),
      onEnd: () => this.#lose(exchange, "lost", "the answer ended without a response"),
      onFailure: (reason, detail) => {
        this.#lose(exchange, reason, detail);
        if (reason === "unsent") this.#close(detail);
      },
    });
    this.#answers.set(exchange, answer);
    this.#post(text, answer);
  }

  abandon(exchange: number): void {
    this.#answers.get(exchange)?.abandon();
  }

  send(text: string): void {
    const onFailure = (_reason: LossReason, detail: string) =>
      this.#log.warn({ detail }, "upstream did not take a message");
    this.#post(text, new Answer({ onHeaders: () => undefined, onText: () => {}, onEnd: () => {}, onFailure }));
  }

  initialized(protocolVersion: string): void {
    this.#headers = { ...this.#headers, "mcp-protocol-version": protocolVersion };
    this.#listen();
  }

  async close(): Promise<void> {
    this.#closed = true;
    if ("mcp-session-id" in this.#headers) await this.#endSession();
    await this.#pool.destroy();
  }

  async #endSession(): Promise<void> {
    const signal = AbortSignal.timeout(CLOSE_MS);
    await this.#pool
      .request({ method: "DELETE", path: this.#path, headers: this.#headers, signal })
      .then(({ body }) => body.dump())
      .catch(() => {});
  }

  #post(body: string, answer: Answer): void {
    this.#pool.dispatch({ method: "POST", path: this.#path, headers: this.#headers, body }, answer);
  }

  /** Keeps the GET stream open while the connection lives; an upstream that has none answers 405 or 404, once. */
  #listen(): void {
    if (this.#closed) return;
    let supported = true;
    const again = (): void => {
      if (supported && !this.#closed) setTimeout(() => this.#listen(), LISTEN_AGAIN_MS).unref();
    };
    this.#pool.dispatch(
      { method: "GET", path: this.#path, headers: { ...this.#headers, accept: "text/event-stream" } },
      new Answer({
        onHeaders: (status) => {
          supported = status < 400;
          // Where a stream was had before, the session is gone; else this is how some servers say that they have none.
          if (status === 404 && this.#hasListened) this.#close("the upstream forgot the session");
          this.#hasListened ||= supported;
          return supported ? undefined : "lost";
        },
        onText: (text) => this.#read(text, undefined),
        onEnd: again,
        onFailure: (reason, detail) => {
          if (reason === "unsent") this.#close(detail);
          else again();
        },
      }),
    );
  }

  #read(text: string, exchange: number | undefined): void {
    if (text.trim() === "") return;
    let message: Message;
    try {
      message = readUpstreamMessage(text);
    } catch (error) {
      this.#log.warn({ err: error }, "upstream sent what is no message");
      if (exchange !== undefined) this.#lose(exchange, "invalid", "the answer is no JSON-RPC message");
      return;
    }
    this.#events.onMessage(message, exchange);
  }

  #lose(exchange: number, reason: LossReason, detail: string): void {
    this.#answers.delete(exchange);
    this.#events.onExchangeLost(exchange, reason, detail);
  }

  #close(reason: string): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#events.onClose(reason);
    void this.#pool.destroy();
  }
}
