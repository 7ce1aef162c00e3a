import { GovernanceError, type Log, type UpstreamState } from "@mcp-governance-bridge/shared";
import type { Server } from "@mcp-governance-bridge/shared/configuration";
import { backoffMs } from "./backoff.ts";
import type { Connect } from "./connection.ts";
import { Link, type LinkEvents } from "./link.ts";

export interface SupervisorOptions {
  server: Server;
  connect: Connect;
  log: Log;
  /** What hears the messages of a link. */
  hear(link: Link): Omit<LinkEvents, "onClose">;
  /** Makes a new link ready for calls. Rejects when the upstream is not fit for them. */
  prepare(link: Link): Promise<void>;
  onState(state: UpstreamState, reason: string | null): void;
}

/** An upstream that lives shorter than this has failed to start, as far as the next try is concerned. */
const STABLE_MS = 10_000;

/** Keeps a link to one upstream open: never blocks a start, and tries again after every loss. */
export class Supervisor {
  state: UpstreamState = "starting";
  reason: string | null = null;
  readonly #options: SupervisorOptions;
  #link: Link | undefined;
  #opening: Promise<void> | undefined;
  #failures = 0;
  #connectedAt = 0;
  #retry: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: SupervisorOptions) {
    this.#options = options;
  }

  /** Begins to connect and returns at once; a disabled server stays as it is. */
  start(): void {
    if (this.#options.server.disabled) this.#change("disabled", null);
    else void this.#open();
  }

  /** The link that is open or being made ready, if there is one. */
  get link(): Link | undefined {
    return this.#link;
  }

  /** The link for calls. Throws `upstream.unavailable` at once when there is none. */
  connected(): Link {
    if (this.#link && this.state === "connected") return this.#link;
    const why = this.reason ? `: ${this.reason}` : "";
    const { name } = this.#options.server;
    throw new GovernanceError("upstream.unavailable", `the upstream ${name} is ${this.state}${why}`);
  }

  /** Replaces a link whose session the upstream has forgotten; what is in flight on it may still be answered. */
  async reopen(): Promise<void> {
    const stale = this.#link;
    if (this.state === "connected" && stale) {
      this.#link = undefined;
      this.#change("disconnected", "the upstream forgot the session");
      stale.retire();
    }
    await this.#open();
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#retry);
    // Closing fails what an opening waits for, so that it ends too.
    await this.#link?.close();
    await this.#opening;
    await this.#link?.close();
  }

  #open(): Promise<void> {
    this.#opening ??= this.#connect().finally(() => {
      this.#opening = undefined;
    });
    return this.#opening;
  }

  async #connect(): Promise<void> {
    const { connect, server, log, hear, prepare } = this.#options;
    const link: Link = new Link(server.name, {
      onRequest: (message, cause) => hear(link).onRequest(message, cause),
      onNotification: (message, cause) => hear(link).onNotification(message, cause),
      onClose: (reason) => this.#lost(link, reason),
    });
    try {
      link.attach(await connect(link));
      if (this.#closed) throw new Error("closed while it started");
      this.#link = link;
      await prepare(link);
      if (link.lost !== undefined) throw new Error(link.lost);
      this.#connectedAt = performance.now();
      this.#change("connected", null);
    } catch (error) {
      log.debug({ err: error }, "upstream did not start");
      if (this.#link === link) this.#link = undefined;
      await link.close().catch(() => {});
      this.#tryAgain(error instanceof Error ? error.message : String(error));
    }
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
    this.#options.onState(state, reason);
  }
}
