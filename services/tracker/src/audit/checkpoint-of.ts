import type { Document } from "../record-store.ts";
import type { Checkpoint, Head } from "./evidence.ts";

/** Undefined for what has not the form of one. Times of exports are text. */
export function checkpointOf(document: Document): Checkpoint | undefined {
  const { partition, seq, hash, leaves, witnessed, closes, key_id, public_key, signature } = document;
  const timestamp = new Date(
    String(document.timestamp instanceof Date ? document.timestamp.toISOString() : document.timestamp),
  );
  const texts = [partition, hash, key_id, public_key, signature];
  const isWhole =
    texts.every((text) => typeof text === "string") &&
    [seq, leaves, timestamp.getTime()].every(Number.isInteger) &&
    typeof closes === "boolean" &&
    Array.isArray(witnessed) &&
    witnessed.every(isHead);
  if (!isWhole) return undefined;
  return { partition, seq, hash, leaves, timestamp, witnessed, closes, key_id, public_key, signature } as Checkpoint;
}

function isHead(value: unknown): value is Head {
  if (typeof value !== "object" || value === null) return false;
  const { partition, seq, hash } = value as Document;
  return typeof partition === "string" && Number.isInteger(seq) && typeof hash === "string";
}
