import { randomBytes, randomUUID } from "node:crypto";
import { digestOf, type EventPublisher, GovernanceError, type Log } from "@mcp-governance-bridge/shared";
import type { SessionState, SessionStore } from "../ports.ts";
import { Session } from "./session.ts";

export interface SessionsOptions {
  store: SessionStore;
  publisher: EventPublisher;
  log: Log;
  /** Sessions this replica holds at once; more are refused. */
  max?: number;
}

const MAX_SESSIONS = 10_000;
const SWEEP_MS = 30_000;

/**
 * The sessions of this replica's clients. A session begun on another replica is taken up from the store.
 * Its token is a secret between us and the client; stores and records hold a digest or the public id.
 */
export class Sessions {
  readonly #options: SessionsOptions;
  readonly #local = new Map<string, Session>();
  readonly #byId = new Map<string, Session>();
  readonly #ended: ((session: Session) => void)[] = [];
  readonly #sweep: NodeJS.Timeout;
  #sweptAt = 0;

  constructor(options: SessionsOptions) {
    this.#options = options;
    this.#sweep = setInterval(() => void this.#followStore(), SWEEP_MS);
    this.#sweep.unref();
  }

  /** Opens a session and returns the token for its client. Rejects with `session.refused` when there are too many. */
  async open(state: Omit<SessionState, "id">): Promise<{ token: string; session: Session }> {
    if (this.#local.size >= (this.#options.max ?? MAX_SESSIONS)) {
      throw new GovernanceError("session.refused", "too many sessions are open, try again later");
    }
    const token = randomBytes(24).toString("base64url");
    const session = new Session(digestOf(token), { ...state, id: randomUUID() });
    await this.#options.store.put(session.key, session.state).catch(unavailable);
    this.#hold(token, session);
    const { principal, client, protocolVersion, listener } = session.state;
    const fact = { id: randomUUID(), at: new Date().toISOString(), sessionId: session.id };
    this.#options.publisher.tell("governance.session.opened", {
      ...fact,
      principal,
      client,
      protocolVersion,
      listener,
    });
    return { token, session };
  }

  /** Rejects with `session.unknown` when the session has ended, or belongs to another listener or principal. */
  async find(token: string, { listener, principal }: Pick<SessionState, "listener" | "principal">): Promise<Session> {
    const session = this.#local.get(token) ?? (await this.#takeUp(token));
    if (session?.state.listener !== listener || session.state.principal !== principal) {
      throw new GovernanceError("session.unknown", "Session not found");
    }
    session.lastUsed = Date.now();
    return session;
  }

  byId(id: string): Session | undefined {
    return this.#byId.get(id);
  }

  all(): Iterable<Session> {
    return this.#byId.values();
  }

  get size(): number {
    return this.#byId.size;
  }

  /** Keeps a change of a session's state where other replicas find it. */
  async save(session: Session): Promise<void> {
    await this.#options.store.put(session.key, session.state).catch(unavailable);
  }

  /** Ends a session on every replica. */
  async end(session: Session): Promise<void> {
    this.#drop(session);
    await this.#options.store.delete(session.key);
    this.#tellClosed(session, "client");
  }

  onEnd(listener: (session: Session) => void): void {
    this.#ended.push(listener);
  }

  /** Lets go of all sessions without ending them: another replica, or this one after a restart, may take them up. */
  close(): void {
    clearInterval(this.#sweep);
    for (const session of this.#byId.values()) session.close();
  }

  async #takeUp(token: string): Promise<Session | undefined> {
    const key = digestOf(token);
    const state = await this.#options.store.get(key).catch(unavailable);
    if (state === undefined) return undefined;
    // Two requests of one client may have looked at once; both must get the same session.
    const already = this.#local.get(token);
    if (already) return already;
    return this.#hold(token, new Session(key, state));
  }

  #hold(token: string, session: Session): Session {
    this.#local.set(token, session);
    this.#byId.set(session.id, session);
    return session;
  }

  #drop(session: Session): void {
    for (const [token, held] of this.#local) if (held === session) this.#local.delete(token);
    this.#byId.delete(session.id);
    session.close();
    for (const listener of this.#ended) listener(session);
  }

  /** Prolongs what was used here, and ends here what has ended in the store: by a client elsewhere, or for want of use. */
  async #followStore(): Promise<void> {
    const { store, log } = this.#options;
    const since = this.#sweptAt;
    this.#sweptAt = Date.now();
    try {
      for (const session of [...this.#byId.values()]) {
        const isUsed = session.isListening || session.lastUsed >= since;
        const isAlive = isUsed ? await store.touch(session.key) : (await store.get(session.key)) !== undefined;
        if (!isAlive) this.#forget(session);
      }
    } catch (error) {
      log.warn({ err: error }, "session store not reachable, sessions stay");
    }
  }

  #forget(session: Session): void {
    this.#drop(session);
    // Ended sooner than for want of use, it was ended on another replica, and told of there.
    if (Date.now() - session.lastUsed >= this.#options.store.ttlMs) this.#tellClosed(session, "expired");
  }

  #tellClosed({ id }: Session, reason: "client" | "expired"): void {
    // One id, however many replicas find out.
    const fact = { id: `${id}.closed`, at: new Date().toISOString(), sessionId: id };
    this.#options.publisher.tell("governance.session.closed", { ...fact, reason });
  }
}

function unavailable(cause: unknown): never {
  if (cause instanceof GovernanceError) throw cause;
  throw new GovernanceError("store.unavailable", "the session store is not reachable", { cause });
}
