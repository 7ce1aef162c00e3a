import type { EventPublisher, Log } from "@mcp-governance-bridge/shared";
import { GovernanceError, type UpstreamState } from "@mcp-governance-bridge/shared";
import type { Server } from "@mcp-governance-bridge/shared/configuration";
import { type Catalogue, EMPTY, KINDS, type Kind } from "../catalogue/catalogue.ts";
import { createInFlight } from "../in-flight.ts";
import type { Message } from "../jsonrpc/message.ts";
import { announcer } from "./announce.ts";
import type { Caller } from "./caller.ts";
import type { Connect } from "./connection.ts";
import { type Handshake, handshake } from "./handshake.ts";
import { type Link, type OutboundRequest, SessionForgotten } from "./link.ts";
import { readLists } from "./read-catalogue.ts";
import { Subscriptions } from "./subscriptions.ts";
import { Supervisor } from "./supervisor.ts";

export interface UpstreamOptions {
  server: Server;
  /** Whose place it takes: what clients know of that one stays known until this one has spoken. */
  previous?: Upstream;
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

/** One MCP server behind the gateway. What it last offered stays known while it is away. */
export class Upstream {
  readonly subscriptions: Subscriptions;
  /** Calls under way, from before they are decided on. */
  readonly inFlight = createInFlight();
  catalogue: Catalogue = EMPTY;
  instructions: string | undefined;
  readonly #options: UpstreamOptions;
  readonly #announce: ReturnType<typeof announcer>;
  readonly #supervisor: Supervisor;
  #listener: UpstreamListener | undefined;
  #capabilities: Handshake["capabilities"] = {};
  #logLevel: string | undefined;
  #server: Server;

  constructor(options: UpstreamOptions) {
    const { server, connect, previous, log } = options;
    this.#server = server;
    this.#options = options;
    this.subscriptions = previous?.subscriptions ?? new Subscriptions();
    this.catalogue = previous?.catalogue ?? EMPTY;
    this.instructions = previous?.instructions;
    if (previous) this.#logLevel = previous.#logLevel;
    this.#announce = announcer({ ...options, server: () => this.#server });
    this.#supervisor = new Supervisor({
      server,
      connect,
      log,
      hear: (link) => ({
        onRequest: (message, cause) =>
          this.#listener?.onRequest({ upstream: this, message, cause, respond: (text) => link.send(text) }),
        onNotification: (message, cause) => this.#hear(link, message, cause),
      }),
      prepare: (link) => this.#prepare(link),
      onState: this.#announce.state,
    });
  }

  get server(): Server {
    return this.#server;
  }

  get state(): UpstreamState {
    return this.#supervisor.state;
  }

  /** Why it is not connected, where that is known. */
  get reason(): string | null {
    return this.#supervisor.reason;
  }

  /** Takes up other settings of the same server: the next call goes by them. */
  configure(server: Server): void {
    this.#server = server;
    if (this.catalogue !== EMPTY) this.#announce.tools(this.catalogue.tools);
  }

  /** Begins to connect and returns at once. */
  start(listener: UpstreamListener): void {
    this.#listener = listener;
    this.#supervisor.start();
  }

  /** Throws `upstream.unavailable` at once when not connected: waiting here would make one dead server everybody's. */
  request(request: OutboundRequest): Exchange {
    const send = () => {
      const link = this.#supervisor.connected();
      return { link, ...link.request(request) };
    };
    let sent = send();
    let cancelled = false;
    const response = sent.response.catch(async (error: unknown) => {
      if (!(error instanceof SessionForgotten)) throw error;
      await this.#supervisor.reopen();
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
    if (this.offers("logging")) void this.#ask(this.#supervisor.link, "logging/setLevel", { level });
  }

  /** Stops watching a resource that nobody subscribes to any more. */
  unsubscribe(uri: string): void {
    void this.#ask(this.#supervisor.link, "resources/unsubscribe", { uri });
  }

  close(): Promise<void> {
    return this.#supervisor.close();
  }

  /** Closes it once the calls under way have ended, at the latest after `patienceMs`. */
  async retire(patienceMs: number): Promise<void> {
    await this.inFlight.drained(patienceMs);
    await this.close();
  }

  async #prepare(link: Link): Promise<void> {
    const { capabilities, instructions } = await handshake(link, this.server.timeoutMs);
    this.#capabilities = capabilities;
    this.instructions = instructions;
    await this.#refresh(link, Object.keys(KINDS) as Kind[]);
    this.#restore(link);
  }

  /** What the upstream knew of us before it was lost. */
  #restore(link: Link): void {
    if (this.#logLevel && this.offers("logging")) void this.#ask(link, "logging/setLevel", { level: this.#logLevel });
    for (const uri of this.subscriptions.uris()) void this.#ask(link, "resources/subscribe", { uri });
  }

  #hear(link: Link, message: Message, cause: Caller | undefined): void {
    const changed = (Object.keys(KINDS) as Kind[]).filter((kind) => KINDS[kind].changed === message.method);
    if (changed.length > 0) void this.#refresh(link, changed);
    else this.#listener?.onNotification(this, message, cause);
  }

  async #refresh(link: Link, kinds: readonly Kind[]): Promise<void> {
    const { log } = this.#options;
    const { timeoutMs } = this.#server;
    const offered = kinds.filter((kind) => this.offers(kind === "templates" ? "resources" : kind));
    const gone = kinds.filter((kind) => !offered.includes(kind) && this.catalogue[kind].length > 0);
    const read = await readLists(link, offered, { timeoutMs, log });
    this.catalogue = { ...this.catalogue, ...Object.fromEntries(gone.map((kind) => [kind, []])), ...read };
    this.#announce.tools(this.catalogue.tools);
    this.#listener?.onCatalogue(this, [...offered, ...gone]);
  }

  async #ask(link: Link | undefined, method: string, params: object): Promise<void> {
    await link?.ask(method, params, this.server.timeoutMs).catch((error: unknown) => {
      this.#options.log.warn({ err: error, method }, "upstream did not take a setting");
    });
  }
}
