import { isUtf8 } from "node:buffer";

/** Fewer characters are too few for a pattern to find anything in what they stand for. */
const SHORTEST = 11;
/** A run of this length may go on in the next line. */
const FULL_LINE = 60;

const ALPHABET = new Uint8Array(128);
for (const character of "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_") {
  ALPHABET[character.charCodeAt(0)] = 1;
}

/** Adds each text that stands in base64 or base64url within `text`. */
export function addBase64Texts(text: string, found: unknown[]): void {
  let start = 0;
  while (start + SHORTEST <= text.length) {
    const gap = lastGap(text, start);
    if (gap >= start) {
      start = gap + 1;
      continue;
    }
    const end = endOfRun(text, start + SHORTEST);
    const decoded = decoded64(text.slice(start, end));
    if (decoded !== undefined) found.push(decoded);
    start = end + 1;
  }
}

/** The last of the next characters that is none of base64: no run can begin before it. Looks at few of them in ordinary text. */
function lastGap(text: string, start: number): number {
  let index = start + SHORTEST - 1;
  while (index >= start && ALPHABET[text.charCodeAt(index)] === 1) index -= 1;
  return index;
}

function endOfRun(text: string, from: number): number {
  let lineStart = from - SHORTEST;
  let end = from;
  for (;;) {
    while (ALPHABET[text.charCodeAt(end)] === 1) end += 1;
    const next = text.startsWith("\r\n", end) ? end + 2 : end + 1;
    const goesOn = end - lineStart >= FULL_LINE && text[next - 1] === "\n" && ALPHABET[text.charCodeAt(next)] === 1;
    if (!goesOn) return end;
    lineStart = next;
    end = next;
  }
}

function decoded64(run: string): string | undefined {
  const bytes = Buffer.from(run, "base64");
  if (isUtf16(bytes)) return bytes.toString("utf16le");
  return isText(bytes) ? bytes.toString("utf8") : undefined;
}

/** Text as PowerShell's `-EncodedCommand` has it: every other byte is zero. */
function isUtf16(bytes: Buffer): boolean {
  return bytes.length >= 8 && bytes[1] === 0 && bytes[3] === 0 && bytes[5] === 0 && bytes[0] !== 0;
}

/** Whether at least three of four bytes are of text: a shell does not mind the rest. */
function isText(bytes: Buffer): boolean {
  const isAllUtf8 = isUtf8(bytes);
  let strange = 0;
  for (const byte of bytes) if (isStrange(byte, isAllUtf8)) strange += 1;
  return strange * 4 <= bytes.length;
}

function isStrange(byte: number, isInUtf8: boolean): boolean {
  if (byte >= 127) return byte === 127 || !isInUtf8;
  return byte < 32 && byte !== 9 && byte !== 10 && byte !== 13;
}
