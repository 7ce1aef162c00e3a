import type { Message } from "../jsonrpc/message.ts";

/** Why a request has no answer. `unsent` is the only one after which it certainly did not run. */
export type LossReason = "unsent" | "lost" | "session" | "invalid";

/** What a connection tells its owner. `exchange` is the request that a message came back on, where the transport knows. */
export interface ConnectionEvents {
  onMessage(message: Message, exchange: number | undefined): void;
  /** The answer to this request will not come. */
  onExchangeLost(exchange: number, reason: LossReason, detail: string): void;
  /** The whole connection is gone. Told once. */
  onClose(reason: string): void;
}

/** One MCP session with an upstream, on the level of JSON-RPC texts. */
export interface Connection {
  /** Sends a request; `exchange` is its id. */
  request(text: string, exchange: number): void;
  /** Sends a notification or a response. */
  send(text: string): void;
  /** Frees what a request without an answer holds. Its upstream is told by another message. */
  abandon(exchange: number): void;
  /** Called once the upstream has accepted `initialize`. */
  initialized(protocolVersion: string): void;
  /** Ends it and all that belongs to it: children, sockets, the upstream's session. */
  close(): Promise<void>;
}

/** Opens a connection. Rejects with the reason when the upstream cannot be reached. */
export type Connect = (events: ConnectionEvents) => Promise<Connection>;
