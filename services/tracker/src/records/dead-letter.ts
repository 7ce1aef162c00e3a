import { type DeadLetter, digestOf } from "@mcp-governance-bridge/shared";
import type { Write } from "../record-store.ts";
import { wellFormed } from "./well-formed.ts";

/** Fits into the 16 MiB of a MongoDB document with its surroundings. */
const MAX_PAYLOAD_BYTES = 14 * 1_048_576;
const MAX_CUT_CHARS = 1_048_576;

/**
 * A message that can never be processed, kept once however often it comes; whole, where it fits into a document. Each
 * time that it comes it is dead, also after it was published again.
 */
export function writesOfDeadLetter({ subject, payload, reason }: DeadLetter, now: Date): Write[] {
  const id = digestOf(`${subject}\n${payload}`);
  const isTruncated = Buffer.byteLength(payload) > MAX_PAYLOAD_BYTES;
  const letter: Write = {
    collection: "dead_letters",
    id,
    set: wellFormed({
      letter_id: id,
      subject,
      payload: isTruncated ? payload.slice(0, MAX_CUT_CHARS) : payload,
      payload_size: payload.length,
      payload_truncated: isTruncated,
      reason,
      document_type: "dead_letter",
    }),
    setOnInsert: { redriven_at: null },
    fact: { part: "letter", at: now },
  };
  // With its times as of now, so that it is forgotten no sooner than the chain may forget that it came.
  return [letter, { collection: "dead_letters", id, set: { status: "dead", timestamp: now, stored_at: now } }];
}

/** That a letter was published again, unless it has come back since `cameAt`. */
export function writeOfRedriven({ id, cameAt }: { id: string; cameAt: Date }, now: Date): Write {
  return {
    collection: "dead_letters",
    id,
    set: { status: "redriven", redriven_at: now },
    onlyIf: { timestamp: cameAt },
  };
}
