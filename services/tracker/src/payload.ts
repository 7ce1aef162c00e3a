import { digestOf, type Payload } from "@mcp-governance-bridge/shared";

/** Longer text is kept as text: nobody asks for what is inside, and BSON may need seven times its size. */
const MAX_NATIVE_CHARS = 262_144;
/** Two of these and their surroundings fit into the 16 MiB of a MongoDB document. */
const MAX_STORED_BYTES = 7 * 1_048_576;
/** MongoDB nests to 100 levels, the document's own included. */
const MAX_DEPTH = 60;

const LONE_SURROGATE = /\p{Surrogate}/u;
const LONE_SURROGATES = /\p{Surrogate}/gu;
/** Member names that BSON, MongoDB's query language or JavaScript would take for something else. */
const ODD_NAME = /^$|^\$|[.\0]|^__proto__$|^_bsontype$|\p{Surrogate}/u;
/** The marks of our own forms, which a document from outside must not seem to have. */
const RESERVED = ["_json", "_truncated"];
const STRING_NUMBER_OR_COLON = /"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*|:/g;

interface Encoded {
  value: unknown;
  /** What `toJsonText` makes of it, where that is known already. */
  json?: string;
}

/** What a record keeps of a payload: its value, or a form marked `_json` or `_truncated`. `null` where there was none. */
export function encodePayload(payload: Payload | null): unknown {
  return encoded(payload).value;
}

/** The same, with the SHA-256 of its JSON text as `toJsonText` has it, 64 hex digits; `null` where nothing is kept. */
export function digestedPayload(payload: Payload | null): { value: unknown; digest: string | null } {
  const { value, json } = encoded(payload);
  return { value, digest: value === null ? null : digestOf(json ?? toJsonText(value)) };
}

/** The value of a JSON text where every store gives back an equal one, otherwise `{ _json: text }`. */
export function encodeJson(text: string): unknown {
  return encodedText(text).value;
}

/** The JSON text of what `encodePayload` or `encodeJson` made. Always valid JSON. */
export function toJsonText(stored: unknown): string {
  const text = hasMember(stored, "_json") ? stored._json : undefined;
  if (typeof text !== "string") return JSON.stringify(stored ?? null);
  return parse(text) === undefined ? JSON.stringify(text) : text;
}

function encoded(payload: Payload | null): Encoded {
  if (payload === null) return { value: null };
  return payload.truncated ? { value: truncated(payload.text, payload.size) } : encodedText(payload.text);
}

function encodedText(text: string): Encoded {
  if (text.length > MAX_NATIVE_CHARS) return { value: encodeLong(text) };
  const value = parse(text);
  if (value === undefined || !isPlain(value, 0) || isReserved(value)) return { value: verbatim(text) };
  const json = JSON.stringify(value);
  return json === text || isExact(text, value) ? { value, json } : { value: verbatim(text) };
}

function encodeLong(text: string): unknown {
  if (Buffer.byteLength(text) <= MAX_STORED_BYTES) return verbatim(text);
  return truncated(text.slice(0, MAX_NATIVE_CHARS), text.length);
}

function truncated(prefix: string, size: number): unknown {
  // Cutting may have split a pair, and no store keeps half of one.
  return { _truncated: true, _prefix: prefix.replace(LONE_SURROGATES, "\ufffd"), _original_size: size };
}

function verbatim(text: string): unknown {
  return { _json: text.replace(LONE_SURROGATES, (half) => `\\u${half.charCodeAt(0).toString(16)}`) };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isPlain(value: unknown, depth: number): boolean {
  if (typeof value === "string") return !LONE_SURROGATE.test(value);
  if (typeof value !== "object" || value === null) return true;
  if (depth >= MAX_DEPTH) return false;
  if (Array.isArray(value)) return value.every((item) => isPlain(item, depth + 1));
  for (const name of Object.keys(value)) {
    if (ODD_NAME.test(name) || !isPlain((value as Record<string, unknown>)[name], depth + 1)) return false;
  }
  return true;
}

function isReserved(value: unknown): boolean {
  return RESERVED.some((name) => hasMember(value, name));
}

/** False where a number is written as a double would not be (`1.10`, `1e3`, `9007199254740993`), or an object names a member twice. */
function isExact(text: string, value: unknown): boolean {
  let members = 0;
  for (const token of text.match(STRING_NUMBER_OR_COLON) ?? []) {
    if (token === ":") members += 1;
    else if (!token.startsWith('"') && String(Number(token)) !== token) return false;
  }
  return members === membersOf(value);
}

function membersOf(value: unknown): number {
  if (typeof value !== "object" || value === null) return 0;
  const inside = Object.values(value);
  const own = Array.isArray(value) ? 0 : inside.length;
  return inside.reduce<number>((sum, item) => sum + membersOf(item), own);
}

function hasMember<Name extends string>(value: unknown, name: Name): value is Record<Name, unknown> {
  return typeof value === "object" && value !== null && Object.hasOwn(value, name);
}
