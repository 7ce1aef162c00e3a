import { GovernanceError } from "@mcp-governance-bridge/shared";
import { notificationText, requestText } from "../jsonrpc/compose.ts";
import { type Message, splice, textAt } from "../jsonrpc/message.ts";
import type { Span } from "../jsonrpc/scan.ts";
import { type Caller, together } from "./caller.ts";
import type { Connection, ConnectionEvents, LossReason } from "./connection.ts";

/** A client's request on its way to an upstream. */
export interface OutboundRequest {
  message: Message;
  /** What else than id and progress token must be replaced for this upstream. */
  edits: readonly (readonly [Span | undefined, string])[];
  caller: Caller;
  timeoutMs: number;
}

export interface LinkEvents {
  /** The upstream asks something. `cause` is the caller on whose behalf, undefined when that cannot be known. */
  onRequest(message: Message, cause: Caller | undefined): void;
  onNotification(message: Message, cause: Caller | undefined): void;
  onClose(reason: string): void;
}

interface Pending {
  caller: Caller | undefined;
  resolve(message: Message): void;
  reject(error: GovernanceError): void;
  deadline: NodeJS.Timeout;
}

/** The upstream forgot the MCP session, so the request was not looked at: it may be sent again on a new one. */
export class SessionForgotten extends GovernanceError {
  constructor() {
    super("upstream.unavailable", "the upstream forgot its session");
  }
}

/** Multiplexes the requests of many clients over one connection: every request gets an id and progress token of its own. */
export class Link implements ConnectionEvents {
  readonly #server: string;
  readonly #events: LinkEvents;
  readonly #pending = new Map<number, Pending>();
  /** Why the connection is gone; undefined while it is there. */
  lost: string | undefined;
  #connection: Connection | undefined;
  #next = 1;
  #retiring = false;

  constructor(server: string, events: LinkEvents) {
    this.#server = server;
    this.#events = events;
  }

  attach(connection: Connection): void {
    this.#connection = connection;
  }

  /** Sends a client's request; `response` resolves with the upstream's response, result or error. */
  request({ message, edits, caller, timeoutMs }: OutboundRequest): { id: number; response: Promise<Message> } {
    const id = this.#next++;
    const text = splice(message.text, [
      [message.span("id"), String(id)],
      [message.span("params._meta.progressToken"), String(id)],
      ...edits,
    ]);
    return { id, response: this.#send(id, text, { caller, timeoutMs }) };
  }

  /** The gateway's own request. Resolves with the response, result or error. */
  ask(method: string, params: object, timeoutMs: number): Promise<Message> {
    const id = this.#next++;
    return this.#send(id, requestText(id, method, params), { caller: undefined, timeoutMs });
  }

  /** Sends a notification or a response. */
  send(text: string): void {
    this.#connection?.send(text);
  }

  /** Gives up a request that has no answer yet and tells the upstream. `text` is the client's own cancellation, for this upstream. */
  cancel(id: number, text: string): void {
    if (!this.#pending.has(id)) return;
    this.send(text);
    this.#giveUp(id, new GovernanceError("client.cancelled", "cancelled by the client"));
  }

  initialized(protocolVersion: string): void {
    this.send(notificationText("notifications/initialized"));
    this.#connection?.initialized(protocolVersion);
  }

  onMessage(message: Message, exchange: number | undefined): void {
    if (message.kind === "response") return this.#settle(idOf(message, exchange))?.resolve(message);
    const cause = this.#causeOf(message, exchange);
    if (message.kind === "request") this.#events.onRequest(message, cause);
    else this.#events.onNotification(message, cause);
  }

  onExchangeLost(exchange: number, reason: LossReason, detail: string): void {
    this.#settle(exchange)?.reject(this.#loss(reason, detail));
  }

  onClose(reason: string): void {
    this.lost = reason;
    for (const id of [...this.#pending.keys()]) this.#settle(id)?.reject(this.#loss("lost", reason));
    this.#events.onClose(reason);
  }

  async close(): Promise<void> {
    await this.#connection?.close();
    for (const id of [...this.#pending.keys()]) this.#settle(id)?.reject(this.#loss("lost", "the gateway closed it"));
  }

  /** Closes it once nothing is in flight any more. */
  retire(): void {
    this.#retiring = true;
    if (this.#pending.size === 0) void this.close();
  }

  #send(id: number, text: string, { caller, timeoutMs }: { caller: Caller | undefined; timeoutMs: number }) {
    return new Promise<Message>((resolve, reject) => {
      const deadline = setTimeout(() => this.#expire(id, timeoutMs), timeoutMs);
      this.#pending.set(id, { caller, resolve, reject, deadline });
      this.#connection?.request(text, id);
    });
  }

  #expire(id: number, timeoutMs: number): void {
    this.send(notificationText("notifications/cancelled", { requestId: id, reason: "timeout" }));
    const message = `the upstream ${this.#server} did not answer within ${timeoutMs} ms`;
    this.#giveUp(id, new GovernanceError("upstream.timeout", message));
  }

  #giveUp(id: number, error: GovernanceError): void {
    this.#settle(id)?.reject(error);
    this.#connection?.abandon(id);
  }

  #settle(id: number): Pending | undefined {
    const pending = this.#pending.get(id);
    if (pending === undefined) return undefined;
    clearTimeout(pending.deadline);
    this.#pending.delete(id);
    if (this.#retiring && this.#pending.size === 0) void this.close();
    return pending;
  }

  /** HTTP tells by the stream, progress by its token; a child tells nothing, so only a sole session in flight is sure. */
  #causeOf(message: Message, exchange: number | undefined): Caller | undefined {
    if (exchange !== undefined) return this.#pending.get(exchange)?.caller;
    if (message.method === "notifications/progress") {
      return this.#pending.get(Number(textAt(message, "params.progressToken")))?.caller;
    }
    const callers = [...this.#pending.values()].flatMap(({ caller }) => caller ?? []);
    const [first, ...others] = callers;
    return others.every(({ sessionId }) => sessionId === first?.sessionId) ? together(callers) : undefined;
  }

  #loss(reason: LossReason, detail: string): GovernanceError {
    if (reason === "session") return new SessionForgotten();
    if (reason === "unsent") {
      return new GovernanceError("upstream.unavailable", `the upstream ${this.#server} is not reachable: ${detail}`);
    }
    if (reason === "invalid") return new GovernanceError("upstream.invalid", `the upstream ${this.#server}: ${detail}`);
    return new GovernanceError("upstream.lost", `the upstream ${this.#server} was lost during the call: ${detail}`);
  }
}

/** A server that could not read a request answers with an error of no id; over HTTP it is known which. */
function idOf({ id }: Message, exchange: number | undefined): number {
  return id === "null" && exchange !== undefined ? exchange : Number(id);
}
