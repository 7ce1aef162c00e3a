import type { Collection } from "../record-store.ts";

/** One fact of the record: which part of which document, and a digest of what it tells. */
export interface Leaf {
  collection: Collection;
  id: string;
  part: string;
  /** The document's `timestamp` in milliseconds. */
  at: number;
  /** SHA-256, 64 hex digits, over the canonical JSON of what the fact tells. */
  digest: string;
}

/**
 * A link of a chain, one for each batch of facts: a document of `audit_blocks`, `_id` being `<partition>.<seq>` with `seq`
 * of 12 digits. Each run of a tracker has a chain of its own, its partition.
 */
export interface Block {
  partition: string;
  /** Counts from 1. */
  seq: number;
  timestamp: Date;
  /** Hash of the block before; of the first one a hash over what the chain's first checkpoint says it hangs on. */
  prev: string;
  /** Over partition, seq, timestamp, prev and leaves, canonical. */
  hash: string;
  /** `[collection, part, id, at, digest]` each. */
  leaves: [Collection, string, string, number, string][];
  /** Ed25519 over the hash, by the key of the chain's checkpoints, so that nobody else adds to a chain; base64. */
  signature: string;
  /** Earliest and latest `at` of the leaves. */
  first_at: Date;
  last_at: Date;
}

/** Where a chain stands, or stood. */
export interface Head {
  partition: string;
  seq: number;
  hash: string;
}

/**
 * A signed statement of where a chain stands: a document of `audit_checkpoints`, `_id` being `<partition>.<seq>.<ms>`,
 * and a fact of a later block.
 */
export interface Checkpoint {
  partition: string;
  /** The newest block. */
  seq: number;
  hash: string;
  /** Leaves of the chain so far. */
  leaves: number;
  timestamp: Date;
  /** Where other chains stood, as far as this tracker saw. */
  witnessed: Head[];
  /**
   * True in the last one of a chain: its tracker stopped in order, or could not keep a write. A block of that write may
   * stand after it, which counts for nothing: what it tells of was refused, or is told again by another chain.
   */
  closes: boolean;
  /** First 16 hex digits of the SHA-256 of the public key. */
  key_id: string;
  /** The public key, DER of its SPKI in base64. Of use only to whoever has the key, or its `key_id`, from elsewhere. */
  public_key: string;
  /** Ed25519 over all above, canonical; base64. */
  signature: string;
}
