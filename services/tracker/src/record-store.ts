import type { Closable } from "@mcp-governance-bridge/shared";

/** A document of the record. Members are JSON values or dates; `_id` is always text. */
export type Document = Record<string, unknown>;

export type Collection =
  | "tool_logs"
  | "governance_logs"
  | "servers"
  | "server_tools"
  | "governance_configs"
  | "policy_revisions"
  | "deployments"
  | "sessions"
  | "rosters"
  | "dead_letters";

/** One atomic upsert of one document. Applying it twice is the same as applying it once. */
export interface Write {
  collection: Collection;
  id: string;
  set: Document;
  /** What a new document has besides, without a member of `set`; no effect on one that exists. */
  setOnInsert?: Document;
  /** Leaves a document alone whose date in `field` is later than `at`. `set` must hold the same date under `field`. */
  since?: { field: string; at: Date };
}

/** A record that is only read. */
export type RecordReader = Pick<RecordStore, "aggregate"> & Closable;

/** Where the record is kept. Rejects with `store.unavailable` when it cannot be reached. */
export interface RecordStore extends Closable {
  /** Resolves once every write is kept. No order holds between them: those that could disagree say `since` when they hold. */
  apply(writes: readonly Write[]): Promise<void>;
  /** Answers a MongoDB aggregation pipeline, in the same way on every store. */
  aggregate(collection: Collection, pipeline: readonly Document[]): Promise<Document[]>;
  /** Rejects with the reason when the store cannot do its work at this moment. */
  ping(): Promise<void>;
}
