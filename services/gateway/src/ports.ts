import type { IncomingMessage, ServerResponse } from "node:http";
import type {
  ClientInfo,
  Closable,
  CompletionReport,
  Decision,
  DecisionRequest,
  Visibility,
  VisibilityQuery,
} from "@mcp-governance-bridge/shared";

/** A decision request that still has the text its arguments came as, so that nobody serialises them again. */
export interface Ask extends DecisionRequest {
  /** JSON text of `arguments`. */
  argumentsText: string;
}

/** Where the gateway asks whether a call may pass. Rejects with `policy.unavailable` while that is away, with another code for a fault; it never guesses. */
export interface DecisionPoint extends Closable {
  decide(ask: Ask): Promise<Decision>;
  /** Resolves once the report of a permitted call's end is kept. */
  completed(report: CompletionReport): Promise<void>;
  /** What of these may ever be called. */
  visible(query: VisibilityQuery): Promise<Visibility>;
  /** Tells the name of each revision that comes into force from now on. */
  onRevision(listener: (revision: string) => void): void;
  /** Rejects with the reason when no decision could be had at this moment. */
  ping(): Promise<void>;
}

/** What any replica must know to go on with a session. Never the token itself. */
export interface SessionState {
  /** The session's public name: what records and logs call it. It opens nothing. */
  id: string;
  principal: string;
  roles: readonly string[];
  client: ClientInfo | null;
  protocolVersion: string;
  /** The client's capabilities as it declared them. */
  capabilities: Readonly<Record<string, unknown>>;
  /** The least severe log level the client wants; null until it says. */
  logLevel: string | null;
  /** The listener that opened it; a session is not valid on another. */
  listener: string;
}

/** Keeps sessions where every replica finds them. Keys are digests of session tokens. Rejects with `store.unavailable`. */
export interface SessionStore extends Closable {
  /** Milliseconds after the last `put` or `touch` at which a session ends. */
  readonly ttlMs: number;
  put(key: string, state: SessionState): Promise<void>;
  get(key: string): Promise<SessionState | undefined>;
  /** Prolongs a session. False when it has ended. */
  touch(key: string): Promise<boolean>;
  delete(key: string): Promise<void>;
}

/** Whoever answers `/governance/...`: the tracker behind an address, or in this process. */
export interface GovernanceApi {
  handle(request: IncomingMessage, response: ServerResponse): void;
}
