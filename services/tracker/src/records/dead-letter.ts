import { type DeadLetter, digestOf } from "@mcp-governance-bridge/shared";
import type { Write } from "../record-store.ts";
import { NOT_REDRIVEN } from "./untold.ts";
import { wellFormed } from "./well-formed.ts";

/** Fits into the 16 MiB of a MongoDB document with its surroundings. */
const MAX_PAYLOAD_BYTES = 14 * 1_048_576;
const MAX_CUT_CHARS = 1_048_576;

/** A message that can never be processed, kept once however often it comes; whole, where it fits into a document. */
export function writeOfDeadLetter({ subject, payload, reason }: DeadLetter, now: Date): Write {
  const isTruncated = Buffer.byteLength(payload) > MAX_PAYLOAD_BYTES;
  return {
    collection: "dead_letters",
    id: digestOf(`${subject}\n${payload}`),
    set: wellFormed({
      subject,
      payload: isTruncated ? payload.slice(0, MAX_CUT_CHARS) : payload,
      payload_size: payload.length,
      payload_truncated: isTruncated,
      reason,
      document_type: "dead_letter",
    }),
    setOnInsert: { ...NOT_REDRIVEN, timestamp: now, stored_at: now },
    fact: { part: "letter", at: now },
  };
}

/** That a letter was published again. */
export function writeOfRedriven(letter: { id: string; timestamp: Date }, now: Date): Write {
  return {
    collection: "dead_letters",
    id: letter.id,
    set: { status: "redriven", redriven_at: now },
    fact: { part: "redriven", at: letter.timestamp },
  };
}
