import type { Document } from "../../record-store.ts";
import { blockHash, blockId, spanOf } from "../chain.ts";
import type { Block } from "../evidence.ts";

const DIGEST = /^[0-9a-f]{64}$/;

/** Undefined for what has not the form of a block. Times of exports are text. */
export function blockOf(document: Document): Block | undefined {
  const { partition, seq, prev, hash, leaves, signature } = document;
  const [timestamp, first_at, last_at] = [document.timestamp, document.first_at, document.last_at].map(dateOf);
  if (typeof partition !== "string" || typeof prev !== "string" || typeof hash !== "string") return undefined;
  if (typeof signature !== "string") return undefined;
  if (!Number.isInteger(seq) || !(timestamp && first_at && last_at)) return undefined;
  if (!(Array.isArray(leaves) && leaves.length > 0 && leaves.every(isLeaf))) return undefined;
  return { partition, seq: seq as number, timestamp, prev, hash, leaves, signature, first_at, last_at };
}

function dateOf(value: unknown): Date | undefined {
  const date = value instanceof Date ? value : new Date(typeof value === "string" ? value : Number.NaN);
  return Number.isNaN(date.getTime()) ? undefined : date;
}

function isLeaf(leaf: unknown): leaf is Block["leaves"][number] {
  if (!Array.isArray(leaf) || leaf.length !== 5) return false;
  const [collection, part, id, at, digest] = leaf;
  const isNamed = typeof collection === "string" && typeof part === "string" && typeof id === "string";
  return isNamed && Number.isInteger(at) && typeof digest === "string" && DIGEST.test(digest);
}

/** What of the block does not fit the rest of it. */
export function flawOf(block: Block, { _id: id }: Document): string | undefined {
  if (id !== undefined && id !== blockId(block.partition, block.seq)) return "is not under its own id";
  if (blockHash(block) !== block.hash) return "was changed: its hash is not its own";
  const { first, last } = spanOf(block.leaves);
  if (first === block.first_at.getTime() && last === block.last_at.getTime()) return undefined;
  return "was changed: its period is not that of its facts";
}
