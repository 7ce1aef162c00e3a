import { isUtf8 } from "node:buffer";
import { isBase64, type Part } from "./place.ts";

const BASE64 = /^[A-Za-z0-9+/\s]*={0,2}\s*$/;

/** What stands for bytes that are no text: patterns have nothing to find in them. */
const BINARY = "[binary]";

/** What a value says: the text inside base64, where the protocol has base64. */
export function readAt(part: Part, path: readonly string[], { kind, value }: { kind: string; value: string }): string {
  if (kind !== "string" || !isBase64(part, path) || !BASE64.test(value)) return value;
  const bytes = Buffer.from(value, "base64");
  return isUtf8(bytes) ? bytes.toString() : BINARY;
}

/** What is said instead, in the form that its place asks for. */
export function writtenAt(part: Part, path: readonly string[], { was, is }: { was: string; is: string }): string {
  return isBase64(part, path) && BASE64.test(was) ? Buffer.from(is).toString("base64") : is;
}
