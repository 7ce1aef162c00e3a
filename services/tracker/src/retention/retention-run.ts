import type { Head } from "../audit/evidence.ts";
import type { Collection, Document } from "../record-store.ts";

/** A tombstone: a document of `retention_runs`, which says what may be gone from then on. */
export interface RetentionRun extends Document {
  timestamp: Date;
  /**
   * Documents with an earlier `timestamp` than `before` may be gone. Where there are `days`, later ones may be too once
   * they are so old, until another run says otherwise: a database forgets also while no tracker runs.
   */
  expired: { collection: Collection; before: Date; days: number | null }[];
  /** Inputs and outputs of calls with an earlier `timestamp`. */
  payloads_before: Date | null;
  /** Of each chain the last block that is removed, with all before it. */
  chains: Head[];
  document_type: "retention_run";
}
