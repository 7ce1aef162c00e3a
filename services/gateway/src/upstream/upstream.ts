import type { EventPublisher, Log } from "@mcp-governance-bridge/shared";
import { GovernanceError, type UpstreamState } from "@mcp-governance-bridge/shared";
import type { Server } from "@mcp-governance-bridge/shared/configuration";
import { type Catalogue, EMPTY, KINDS, type Kind } from "../catalogue/catalogue.ts";
import type { Message } from "../jsonrpc/message.ts";
import { announcer } from "./announce.ts";
import { backoffMs } from "./backoff.ts";
import type { Connect } from "./connection.ts";
import { type Handshake, handshake } from "./handshake.ts";
import { type Caller, Link, type OutboundRequest, SessionForgotten } from "./link.ts";
import { readLists } from "./read-catalogue.ts";
import { Subscriptions } from "./subscriptions.ts";

export interface UpstreamOptions {
  server: Server;
  connect: Connect;
  publisher: EventPublisher;
  log: Log;
}

/** What an upstream asks. */
export interface UpstreamRequest {
  upstream: Upstream;
  message: Message;
  cause: Caller | undefined;
  /** Answers on the connection it came on, dropped when that is gone: on the next the same id means something else. */
  respond(text: string): void;
}

/** What the rest of the gateway hears of an upstream. */
export interface UpstreamListener {
  onRequest(request: UpstreamRequest): void;
  onNotification(upstream: Upstream, message: Message, cause: Caller | undefined): void;
  onCatalogue(upstream: Upstream, changed: readonly Kind[]): void;
}

/** A request in flight. `cancel` gives it up and tells the upstream. */
export interface Exchange {
  response: Promise<Message>;
  cancel(textFor: (id: number) => string): void;
}

/** An upstream that lives shorter than this has failed to start, as far as the next try is concerned. */
const STABLE_MS = 10_000;

/**
 * One MCP server behind the gateway, kept connected: it never blocks a start, is reached again after every loss,
 * and what it last offered stays known meanwhile.
 */
export class Upstream {
  readonly server: Server;
  readonly subscriptions = new Subscriptions();
  catalogue: Catalogue = EMPTY;
  instructions: string | undefined;
  state: UpstreamState = "starting";
  reason: string | null = null;
  readonly #options: UpstreamOptions;
  readonly #announce: ReturnType<typeof announcer>;
  #listener: UpstreamListener | undefined;
  #link: Link | undefined;
  #capabilities: Handshake["capabilities"] = {};
  #logLevel: string | undefined;
  #opening: Promise<void> | undefined;
  #failures = 0;
  #connectedAt = 0;
  #retry: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: UpstreamOptions) {
    this.server = options.server;
    this.#options = options;
    this.#announce = announcer(options);
    if (options.server.disabled) this.state = "disabled";
  }

  /** Begins to connect and returns at once. */
  start(listener: UpstreamListener): void {
    this.#listener = listener;
    if (this.state === "disabled") return this.#announce.state(this.state, null);
    void this.#open();
  }

  /** Throws `upstream.unavailable` at once when not connected: waiting here would make one dead server everybody's. */
  request(request: OutboundRequest): Exchange {
    const send = () => {
      const link = this.#connected();
      return { link, ...link.request(request) };
    };
    let sent = send();
    let cancelled = false;
    const response = sent.response.catch(async (error: unknown) => {
      if (!(error instanceof SessionForgotten)) throw error;
      await this.#reopen();
      if (cancelled) throw new GovernanceError("client.cancelled", "cancelled by the client");
      sent = send();
      return sent.response;
    });
    const cancel: Exchange["cancel"] = (textFor) => {
      cancelled = true;
      sent.link.cancel(sent.id, textFor(sent.id));
    };
    return { response, cancel };
  }

  offers(capability: string): boolean {
    return capability in this.#capabilities;
  }

  /** Asks for log messages down to this level, now and after every reconnection. */
  setLogLevel(level: string): void {
    this.#logLevel = level;
    if (this.#link && this.offers("logging")) void this.#ask(this.#link, "logging/setLevel", { level });
  }

  /** Stops watching a resource that nobody subscribes to any more. */
  unsubscribe(uri: string): void {
    if (this.#link) void this.#ask(this.#link, "resources/unsubscribe", { uri });
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#retry);
    // Closing fails what an opening waits for, so that it ends too.
    await this.#link?.close();
    await this.#opening;
    await this.#link?.close();
  }

  #connected(): Link {
    if (this.#link && this.state === "connected") return this.#link;
    const why = this.reason ? `: ${this.reason}` : "";
    throw new GovernanceError("upstream.unavailable", `the upstream ${this.server.name} is ${this.state}${why}`);
  }

  #open(): Promise<void> {
    this.#opening ??= this.#connect().finally(() => {
      this.#opening = undefined;
    });
    return this.#opening;
  }

  async #reopen(): Promise<void> {
    const stale = this.#link;
    if (this.state === "connected" && stale) {
      this.#link = undefined;
      this.#change("disconnected", "the upstream forgot the session");
      stale.retire();
    }
    await this.#open();
  }

  async #connect(): Promise<void> {
    const { connect, server, log } = this.#options;
    const link: Link = new Link(server.name, {
      onRequest: (message, cause) =>
        this.#listener?.onRequest({ upstream: this, message, cause, respond: (text) => link.send(text) }),
      onNotification: (message, cause) => this.#hear(link, message, cause),
      onClose: (reason) => this.#lost(link, reason),
    });
    try {
      link.attach(await connect(link));
      if (this.#closed) throw new Error("closed while it started");
      this.#link = link;
      const { capabilities, instructions } = await handshake(link, server.timeoutMs);
      this.#capabilities = capabilities;
      this.instructions = instructions;
      await this.#refresh(link, Object.keys(KINDS) as Kind[]);
      if (link.lost !== undefined) throw new Error(link.lost);
      this.#restore(link);
      this.#connectedAt = performance.now();
      this.#change("connected", null);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      log.debug({ err: error }, "upstream did not start");
      if (this.#link === link) this.#link = undefined;
      await link.close().catch(() => {});
      this.#tryAgain(reason);
    }
  }

  /** What the upstream knew of us before it was lost. */
  #restore(link: Link): void {
    if (this.#logLevel && this.offers("logging")) void this.#ask(link, "logging/setLevel", { level: this.#logLevel });
    for (const uri of this.subscriptions.uris()) void this.#ask(link, "resources/subscribe", { uri });
  }

  #lost(link: Link, reason: string): void {
    if (this.#link !== link) return;
    this.#link = undefined;
    void link.close();
    // While it opens, whoever opens it learns of the loss and tries again.
    if (this.state !== "connected") return;
    if (performance.now() - this.#connectedAt > STABLE_MS) this.#failures = 0;
    this.#tryAgain(reason);
  }

  #tryAgain(reason: string): void {
    if (this.#closed) return;
    this.#change("disconnected", reason);
    this.#retry = setTimeout(() => void this.#open(), backoffMs(this.#failures++));
  }

  #change(state: UpstreamState, reason: string | null): void {
    if (state === this.state && reason === this.reason) return;
    this.state = state;
    this.reason = reason;
    this.#announce.state(state, reason);
  }

  #hear(link: Link, message: Message, cause: Caller | undefined): void {
    const changed = (Object.keys(KINDS) as Kind[]).filter((kind) => KINDS[kind].changed === message.method);
    if (changed.length > 0) void this.#refresh(link, changed);
    else this.#listener?.onNotification(this, message, cause);
  }

  async #refresh(link: Link, kinds: readonly Kind[]): Promise<void> {
    const { server, log } = this.#options;
    const offered = kinds.filter((kind) => this.offers(kind === "templates" ? "resources" : kind));
    const gone = kinds.filter((kind) => !offered.includes(kind) && this.catalogue[kind].length > 0);
    const read = await readLists(link, offered, { timeoutMs: server.timeoutMs, log });
    this.catalogue = { ...this.catalogue, ...Object.fromEntries(gone.map((kind) => [kind, []])), ...read };
    this.#announce.tools(this.catalogue.tools);
    this.#listener?.onCatalogue(this, [...offered, ...gone]);
  }

  async #ask(link: Link, method: string, params: object): Promise<void> {
    await link.ask(method, params, this.server.timeoutMs).catch((error: unknown) => {
      this.#options.log.warn({ err: error, method }, "upstream did not take a setting");
    });
  }
}
