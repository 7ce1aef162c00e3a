import type { Closable } from "@mcp-governance-bridge/shared";

/** The labels that sessions gather, the same for every replica. Its methods reject at once while they cannot be reached. */
export interface SessionLabels extends Closable {
  /** The labels that the session carries, in alphabetical order. */
  read(sessionId: string): Promise<readonly string[]>;
  /** Resolves once every later `read` on any replica will see them. */
  add(sessionId: string, labels: readonly string[]): Promise<void>;
}
