import type { Document } from "../../record-store.ts";
import { blockText, checkpointId, signedText } from "../chain.ts";
import { checkpointOf } from "../checkpoint-of.ts";
import type { Block, Checkpoint, Head } from "../evidence.ts";
import { isSignedBy, keyIdOf } from "../signer.ts";
import type { Findings } from "./findings.ts";

/** Where somebody who signed for it saw a chain. */
export interface Claim {
  seq: number;
  hash: string;
  /** Facts in the chain so far, where the chain itself says so. */
  leaves?: number;
  /** Who says so. */
  by: string;
}

/** What is signed about one chain. */
export interface Signed {
  claims: Claim[];
  /** As far as it is signed. */
  until: number;
  /** A checkpoint of the record itself tells of it. */
  isCited: boolean;
  /** When somebody last told of it, in milliseconds. */
  toldAt: number;
  /** Its own first checkpoint, which says what the chain hangs on. */
  first?: Checkpoint;
  /** The last block that counts. */
  closedAt?: number;
}

export interface Claims {
  /** Takes a checkpoint, or finds fault with it. */
  add(document: Document, by?: string): void;
  /** By the names of chains, claims by `seq`. To be called when all are added. */
  chains(): Map<string, Signed>;
  /** Whether a block is signed with its chain's key or, while nothing tells which that is, with any that is believed. */
  isSigned(block: Block): boolean;
  readonly newest: Checkpoint | undefined;
  readonly count: number;
  /** Public keys that signed, by their ids. */
  readonly keys: ReadonlyMap<string, string>;
}

/** Without `trusted` keys any key is taken that a checkpoint names. */
export function createClaims(findings: Findings, trusted: ReadonlySet<string> | undefined): Claims {
  const chains = new Map<string, Signed>();
  const keys = new Map<string, string>();
  let newest: Checkpoint | undefined;
  let count = 0;

  const of = (partition: string): Signed => {
    const known = chains.get(partition) ?? NOTHING_SIGNED();
    chains.set(partition, known);
    return known;
  };
  const claim = ({ partition, seq, hash }: Head, more: Pick<Claim, "by" | "leaves">): void => {
    const signed = of(partition);
    const last = signed.claims.at(-1);
    // Others say the same of a chain again and again.
    if (more.leaves === undefined && last?.seq === seq && last.hash === hash) return;
    signed.claims.push({ seq, hash, ...more });
    signed.until = Math.max(signed.until, seq);
  };

  const take = (checkpoint: Checkpoint, elsewhere: string | undefined): void => {
    const by = elsewhere ?? `the checkpoint ${checkpointId(checkpoint)}`;
    claim(checkpoint, { by, leaves: checkpoint.leaves });
    for (const head of checkpoint.witnessed) claim(head, { by });
    for (const { partition } of [checkpoint, ...checkpoint.witnessed]) {
      const signed = of(partition);
      signed.isCited ||= elsewhere === undefined;
      signed.toldAt = Math.max(signed.toldAt, checkpoint.timestamp.getTime());
    }
    const own = of(checkpoint.partition);
    if (checkpoint.closes) own.closedAt = checkpoint.seq;
    if (!own.first || checkpoint.timestamp < own.first.timestamp) own.first = checkpoint;
  };

  return {
    add(document, by) {
      const checkpoint = checkpointOf(document);
      const problem = problemOf(checkpoint, document, trusted);
      if (!checkpoint || problem) return findings.add(badSignature(document, by, problem));
      count += 1;
      keys.set(checkpoint.key_id, checkpoint.public_key);
      if (!newest || checkpoint.timestamp > newest.timestamp) newest = checkpoint;
      take(checkpoint, by);
    },
    isSigned(block) {
      const own = chains.get(block.partition)?.first?.public_key;
      return isSignedBlock(block, own === undefined ? [...(trusted ?? keys.values())] : [own]);
    },
    chains() {
      for (const { claims } of chains.values()) claims.sort((a, b) => a.seq - b.seq);
      return chains;
    },
    get newest() {
      return newest;
    },
    get count() {
      return count;
    },
    keys,
  };
}

function isSignedBlock({ hash, signature }: Block, believed: readonly string[]): boolean {
  // A record without a single checkpoint names no key.
  return believed.length === 0 || believed.some((key) => isSignedBy(key, blockText(hash), signature));
}

/** Of a chain that nobody has signed for. */
export const NOTHING_SIGNED = (): Signed => ({ claims: [], until: 0, isCited: false, toldAt: 0 });

function badSignature(document: Document, by: string | undefined, problem: string | undefined) {
  const { partition, seq } = document;
  return {
    kind: "bad_signature" as const,
    collection: "audit_checkpoints",
    id: String(document._id ?? by),
    ...(typeof partition === "string" && { partition }),
    ...(typeof seq === "number" && { seq }),
    message: `${by ?? "a checkpoint"} ${problem}`,
  };
}

function problemOf(
  checkpoint: Checkpoint | undefined,
  { _id: id }: Document,
  trusted: ReadonlySet<string> | undefined,
): string | undefined {
  if (!checkpoint) return "has not the form of a checkpoint";
  const { public_key: key, key_id: keyId, signature } = checkpoint;
  if (keyIdOf(key) !== keyId) return "names a key that its key_id does not stand for";
  if (trusted && !trusted.has(key)) return `is signed with the key ${keyId}, which is none of those that are trusted`;
  if (!isSignedBy(key, signedText(checkpoint), signature)) return "has a signature that is not its own";
  return id === undefined || id === checkpointId(checkpoint) ? undefined : "is not under its own id";
}
