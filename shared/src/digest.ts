import { createHash } from "node:crypto";

/** The SHA-256 of a text, 64 hex digits: equal for equal texts, and for no others that anybody could find. */
export function digestOf(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
