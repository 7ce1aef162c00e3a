import { isUtf8 } from "node:buffer";
import { isBase64, type Part } from "./place.ts";

/** White space belongs to one part only: otherwise much of it would take for ever. */
const BASE64 = /^[A-Za-z0-9+/\s]*(?:=\s*){0,2}$/;

/** What stands for bytes that are no text: patterns have nothing to find in them. */
const BINARY = "[binary]";

// biome-ignore lint/suspicious/noControlCharactersInRegex: texts have none of these, and other bytes always some
const CONTROLS = /[\0-\x08\x0e-\x1a\x1c-\x1f]/;

/** What a value says: the text inside base64, where the protocol has base64. */
export function readAt(part: Part, path: readonly string[], { kind, value }: { kind: string; value: string }): string {
  if (kind !== "string" || !isBase64(part, path) || !BASE64.test(value)) return value;
  const bytes = Buffer.from(value, "base64");
  const encoding = encodingOf(bytes);
  return encoding ? bytes.toString(encoding) : BINARY;
}

/** What is said instead, in the form that its place asks for. */
export function writtenAt(part: Part, path: readonly string[], { was, is }: { was: string; is: string }): string {
  if (!isBase64(part, path) || !BASE64.test(was)) return is;
  return Buffer.from(is, encodingOf(Buffer.from(was, "base64"))).toString("base64");
}

/** How bytes are a text; undefined where they are none. Texts in the encodings of one byte are ASCII but for their other letters. */
function encodingOf(bytes: Buffer): "utf8" | "latin1" | undefined {
  if (isUtf8(bytes)) return "utf8";
  return CONTROLS.test(bytes.toString("latin1")) ? undefined : "latin1";
}
