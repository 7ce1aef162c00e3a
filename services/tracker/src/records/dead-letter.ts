import { createHash } from "node:crypto";
import type { DeadLetter } from "@mcp-governance-bridge/shared";
import type { Write } from "../record-store.ts";

const MAX_PAYLOAD_CHARS = 1_048_576;

/** A message that can never be processed, kept once however often it comes. */
export function writeOfDeadLetter(letter: DeadLetter, now: Date): Write {
  return {
    collection: "dead_letters",
    id: createHash("sha256").update(`${letter.subject}\n${letter.payload}`).digest("hex"),
    set: {
      subject: letter.subject,
      payload: letter.payload.slice(0, MAX_PAYLOAD_CHARS),
      payload_size: letter.payload.length,
      reason: letter.reason,
      document_type: "dead_letter",
    },
    setOnInsert: { timestamp: now, stored_at: now },
  };
}
