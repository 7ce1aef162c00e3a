import type { Closable } from "@mcp-governance-bridge/shared";

/** A document of the record. Members are JSON values or dates; `_id` is always text. */
export type Document = Record<string, unknown>;

/** What happened: kept as long as the configuration says, and never changed but by a later fact. */
type Recorded =
  | "tool_logs"
  | "governance_logs"
  | "policy_revisions"
  | "sessions"
  | "record_reads"
  | "dead_letters"
  | "retention_runs";

/** What there is. */
type State = "servers" | "server_tools" | "governance_configs" | "deployments" | "rosters";

/** Evidence that nobody touched what is recorded. */
type Evidence = "audit_blocks" | "audit_checkpoints";

/** Figures made from what is recorded; they outlive it. */
type Figures = "usage_minutes" | "usage_hours" | "usage_days" | "usage_marks";

/** Work of the tracker itself. */
type Work = "artifacts" | "artifact_chunks" | "alerts";

export type Collection = Recorded | State | Evidence | Figures | Work;

/** One atomic upsert of one document. Applying it twice is the same as applying it once. */
export interface Write {
  collection: Collection;
  id: string;
  set: Document;
  /** What a new document has besides, without a member of `set`; no effect on one that exists. */
  setOnInsert?: Document;
  /** Leaves a document alone whose date in `field` is later than `at`. `set` must hold the same date under `field`. */
  since?: { field: string; at: Date };
  /** Changes only a document that has these values, and never makes one. Not together with `since` or `setOnInsert`. */
  onlyIf?: Document;
  /** The write is a fact of the audit trail: `set` is what the fact tells of the document. */
  fact?: Fact;
}

/** Which of the facts that make up a document a write tells. */
export interface Fact {
  /** `decided`, `completed`, …: names the members of the document that this fact alone tells. */
  part: string;
  /** The document's `timestamp`. */
  at: Date;
}

export interface StoreStatus {
  /** Bytes of the data and its indexes on disk, as far as the store can tell. */
  bytes: number;
  indexes: number;
  /** Documents by collection; an estimate where counting is dear. */
  documents: Readonly<Partial<Record<Collection, number>>>;
}

/** A record that is only read. */
export type RecordReader = Pick<RecordStore, "aggregate"> & Closable;

/** Where the record is kept. Rejects with `store.unavailable` when it cannot be reached. */
export interface RecordStore extends Closable {
  /** Resolves once every write is kept. No order holds between them: those that could disagree say `since` when they hold. */
  apply(writes: readonly Write[]): Promise<void>;
  /** Answers a MongoDB aggregation pipeline, in the same way on every store. */
  aggregate(collection: Collection, pipeline: readonly Document[]): Promise<Document[]>;
  /** Resolves once documents with these ids are gone; ids of none are ignored. */
  remove(collection: Collection, ids: readonly string[]): Promise<void>;
  /**
   * From now on documents whose `timestamp` is older than so many days go by themselves, `EXPIRY_GRACE_MS` after that at
   * the earliest and two hours later at the latest; those of other collections stay for ever.
   */
  retain(days: Readonly<Partial<Record<Collection, number>>>): Promise<void>;
  status(): Promise<StoreStatus>;
  /** Rejects with the reason when the store cannot do its work at this moment. */
  ping(): Promise<void>;
}

/** Long enough for a tombstone to be written before what it speaks of goes. */
export const EXPIRY_GRACE_MS = 2 * 3_600_000;
