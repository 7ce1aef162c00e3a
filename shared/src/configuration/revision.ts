import { canonicalJson } from "../canonical-json.ts";
import { digestOf } from "../digest.ts";

/** First 12 hex digits of the SHA-256 over the canonical JSON. */
export function revisionOf(settings: unknown): string {
  return digestOf(canonicalJson(settings)).slice(0, 12);
}
