import {
  BACKSLASH,
  CLOSE_BRACE,
  CLOSE_BRACKET,
  COLON,
  COMMA,
  OPEN_BRACE,
  OPEN_BRACKET,
  QUOTE,
  SPACE,
} from "./codes.ts";
/** Where a value stands in a JSON text: `text.slice(start, end)`. */
export interface Span {
  start: number;
  end: number;
}

/** Which members of nested objects to find: `true` for the member itself, an object to look inside it too. */
export interface Wanted {
  readonly [key: string]: true | Wanted;
}

export interface Scan {
  /** Spans by dotted path, e.g. `params.name`. */
  spans: ReadonlyMap<string, Span>;
  /** The names of the outermost object's members as they stand, also where one stands twice. */
  names: readonly string[];
  /** How many object members the whole text has, at any depth. */
  members: number;
  depth: number;
}

/**
 * Finds members in a JSON text in one pass, without building values.
 * The text must be valid JSON: parse it first, this trusts it.
 */
export function scan(text: string, wanted: Wanted): Scan {
  const scanner = new Scanner(text);
  scanner.value(skipSpace(text, 0), wanted, "");
  return scanner;
}

/** The spans of an array's elements. The text must be valid JSON and `array` the span of an array in it. */
export function elementsOf(text: string, array: Span): Span[] {
  const scanner = new Scanner(text);
  const elements: Span[] = [];
  let at = skipSpace(text, array.start + 1);
  while (text.charCodeAt(at) !== CLOSE_BRACKET) {
    const end = scanner.skip(at);
    elements.push({ start: at, end });
    at = skipSpace(text, end);
    if (text.charCodeAt(at) === COMMA) at = skipSpace(text, at + 1);
  }
  return elements;
}

class Scanner implements Scan {
  readonly spans = new Map<string, Span>();
  readonly names: string[] = [];
  members = 0;
  depth = 0;
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  /** Looks inside an object for what is wanted; skips anything else. Returns the end of the value. */
  value(start: number, wanted: true | Wanted | undefined, path: string): number {
    if (typeof wanted !== "object" || this.#text.charCodeAt(start) !== OPEN_BRACE) return this.skip(start);
    const text = this.#text;
    let at = skipSpace(text, start + 1);
    while (text.charCodeAt(at) !== CLOSE_BRACE) {
      const keyEnd = endOfString(text, at);
      const key = this.#name(stringAt(text, at, keyEnd), path);
      at = skipSpace(text, skipSpace(text, keyEnd) + 1);
      const inside = Object.hasOwn(wanted, key) ? wanted[key] : undefined;
      at = skipSpace(text, this.#member(at, inside, path === "" ? key : `${path}.${key}`));
      if (text.charCodeAt(at) === COMMA) at = skipSpace(text, at + 1);
    }
    return at + 1;
  }

  #name(key: string, path: string): string {
    this.members += 1;
    if (path === "") this.names.push(key);
    return key;
  }

  #member(start: number, wanted: true | Wanted | undefined, path: string): number {
    const end = this.value(start, wanted, path);
    if (wanted !== undefined) this.spans.set(path, { start, end });
    return end;
  }

  /** The end of the value that starts here. Counts the members inside it. */
  skip(start: number): number {
    const first = this.#text.charCodeAt(start);
    if (first === QUOTE) return endOfString(this.#text, start);
    if (first === OPEN_BRACE || first === OPEN_BRACKET) return this.#skipNested(start);
    return endOfScalar(this.#text, start);
  }

  #skipNested(start: number): number {
    const text = this.#text;
    let depth = 0;
    let at = start;
    do {
      const code = text.charCodeAt(at);
      if (code === COLON) this.members += 1;
      depth += nesting(code);
      if (depth > this.depth) this.depth = depth;
      at = code === QUOTE ? endOfString(text, at) : at + 1;
    } while (depth > 0);
    return at;
  }
}

function nesting(code: number): number {
  if (code === OPEN_BRACE || code === OPEN_BRACKET) return 1;
  return code === CLOSE_BRACE || code === CLOSE_BRACKET ? -1 : 0;
}

/** The value of the string token that stands here. An escaped key is the same key: `"n\u0061me"` is `"name"`. */
export function stringAt(text: string, start: number, end: number): string {
  const raw = text.slice(start + 1, end - 1);
  return raw.includes("\\") ? (JSON.parse(text.slice(start, end)) as string) : raw;
}

/** The end of the string token that starts here. */
export function endOfString(text: string, start: number): number {
  let at = start;
  do {
    at = text.indexOf('"', at + 1);
  } while (isEscaped(text, at));
  return at + 1;
}

function isEscaped(text: string, at: number): boolean {
  let backslashes = 0;
  while (text.charCodeAt(at - 1 - backslashes) === BACKSLASH) backslashes += 1;
  return backslashes % 2 === 1;
}

/** The end of the number, `true`, `false` or `null` that starts here. */
export function endOfScalar(text: string, start: number): number {
  let at = start;
  while (at < text.length) {
    const code = text.charCodeAt(at);
    if (code === COMMA || code === CLOSE_BRACE || code === CLOSE_BRACKET || code <= SPACE) return at;
    at += 1;
  }
  return at;
}

export function skipSpace(text: string, start: number): number {
  let at = start;
  while (text.charCodeAt(at) <= SPACE) at += 1;
  return at;
}
