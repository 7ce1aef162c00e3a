import { hash } from "node:crypto";
import type { Write } from "../record-store.ts";
import { canonicalText } from "./canonical-text.ts";
import type { Block, Checkpoint, Head, Leaf } from "./evidence.ts";
import { factDigest, toldOf } from "./fact-digest.ts";
import type { Signer } from "./signer.ts";

const MAX_LEAVES = 1_000;
const SEQ_DIGITS = 12;

export function blockId(partition: string, seq: number): string {
  return `${partition}.${String(seq).padStart(SEQ_DIGITS, "0")}`;
}

export function checkpointId({
  partition,
  seq,
  timestamp,
}: Pick<Checkpoint, "partition" | "seq" | "timestamp">): string {
  return `${blockId(partition, seq)}.${timestamp.getTime()}`;
}

/** The facts among the writes. */
export function leavesOf(writes: readonly Write[]): Leaf[] {
  const leaves: Leaf[] = [];
  for (const { collection, id, set, fact } of writes) {
    if (!fact) continue;
    const { part, at } = fact;
    leaves.push({ collection, id, part, at: at.getTime(), digest: factDigest({ collection, id, part }, toldOf(set)) });
  }
  return leaves;
}

/** What the first block of a chain has for `prev`. */
export function genesisOf(partition: string, keyId: string, witnessed: readonly Head[]): string {
  return hash("sha256", canonicalText([partition, keyId, witnessed]));
}

type Hashed = Pick<Block, "partition" | "seq" | "timestamp" | "prev" | "leaves">;

export function blockHash({ partition, seq, timestamp, prev, leaves }: Hashed): string {
  return hash("sha256", canonicalText([partition, seq, timestamp, prev, leaves]));
}

/** What the signature of a block is over. */
export function blockText(hash: string): string {
  return `block ${hash}`;
}

interface Growing {
  head: Head;
  timestamp: Date;
  signer: Pick<Signer, "sign">;
}

/** Blocks for the leaves, each hanging on the one before. */
export function blocksAfter(leaves: readonly Leaf[], { head, timestamp, signer }: Growing): Block[] {
  const blocks: Block[] = [];
  let { seq, hash: prev } = head;
  for (let start = 0; start < leaves.length; start += MAX_LEAVES) {
    seq += 1;
    const unsigned = blockOf(
      { partition: head.partition, seq, prev, timestamp },
      leaves.slice(start, start + MAX_LEAVES),
    );
    prev = unsigned.hash;
    blocks.push({ ...unsigned, signature: signer.sign(blockText(prev)) });
  }
  return blocks;
}

type Place = Pick<Block, "partition" | "seq" | "prev" | "timestamp">;

function blockOf({ partition, seq, prev, timestamp }: Place, facts: readonly Leaf[]): Omit<Block, "signature"> {
  const leaves = facts.map(({ collection, part, id, at, digest }): Block["leaves"][number] => [
    collection,
    part,
    id,
    at,
    digest,
  ]);
  const { first, last } = spanOf(leaves);
  const linked = { partition, seq, timestamp, prev, leaves };
  return {
    partition,
    seq,
    timestamp,
    prev,
    hash: blockHash(linked),
    leaves,
    first_at: new Date(first),
    last_at: new Date(last),
  };
}

/** Earliest and latest `at`. */
export function spanOf(leaves: Block["leaves"]): { first: number; last: number } {
  let first = Number.POSITIVE_INFINITY;
  let last = Number.NEGATIVE_INFINITY;
  for (const [, , , at] of leaves) {
    if (at < first) first = at;
    if (at > last) last = at;
  }
  return { first, last };
}

/** What the signature of a checkpoint is over. */
export function signedText(checkpoint: Omit<Checkpoint, "signature">): string {
  const { partition, seq, hash, leaves, timestamp, witnessed, closes, key_id, public_key } = checkpoint;
  return canonicalText({ partition, seq, hash, leaves, timestamp, witnessed, closes, key_id, public_key });
}
