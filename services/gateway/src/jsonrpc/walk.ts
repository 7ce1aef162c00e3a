import { CLOSE_BRACE, CLOSE_BRACKET, COLON, COMMA, OPEN_BRACE, OPEN_BRACKET, QUOTE } from "./codes.ts";
import { endOfScalar, endOfString, type Span, skipSpace, stringAt } from "./scan.ts";

interface Frame {
  isArray: boolean;
  /** How many members or elements have begun. */
  begun: number;
}

/**
 * Goes through the keys and scalars of a JSON text in order, each where it stands, without building values and
 * without recursion. The text must be valid JSON: parse it first, this trusts it.
 */
export class Walk {
  kind: "key" | "string" | "scalar" = "scalar";
  start = 0;
  end = 0;
  /** Where the token stands: keys and indexes from the root. A key's own is the last. Changes with each `next`. */
  readonly path: string[] = [];
  /** The path as it may be told: with `*` for each key that was hidden. */
  readonly shown: string[] = [];
  readonly #text: string;
  readonly #stop: number;
  readonly #frames: Frame[] = [];
  #at: number;
  #keyNext = false;

  constructor(text: string, span: Span) {
    this.#text = text;
    this.#at = span.start;
    this.#stop = span.end;
  }

  /** Goes to the next token; false when there is none. */
  next(): boolean {
    for (;;) {
      this.#at = skipSpace(this.#text, this.#at);
      if (this.#at >= this.#stop) return false;
      const code = this.#text.charCodeAt(this.#at);
      if (code === QUOTE) return this.#string();
      if (!this.#punctuation(code)) return this.#scalar();
      this.#at += 1;
    }
  }

  /** The value of the key or string, or the text of the scalar. */
  get value(): string {
    if (this.kind === "scalar") return this.#text.slice(this.start, this.end);
    return stringAt(this.#text, this.start, this.end);
  }

  /** Hides the key that the walk stands on wherever it is part of a path. */
  hideKey(): void {
    this.shown[this.shown.length - 1] = "*";
  }

  #enter(step: string): void {
    this.path.push(step);
    this.shown.push(step);
  }

  #leave(): void {
    this.path.pop();
    this.shown.pop();
  }

  #punctuation(code: number): boolean {
    if (code === OPEN_BRACE || code === OPEN_BRACKET) this.#open(code === OPEN_BRACKET);
    else if (code === CLOSE_BRACE || code === CLOSE_BRACKET) this.#close();
    else if (code === COMMA) this.#step();
    else return code === COLON;
    return true;
  }

  #open(isArray: boolean): void {
    this.#frames.push({ isArray, begun: isArray ? 1 : 0 });
    if (isArray) this.#enter("0");
    this.#keyNext = !isArray;
  }

  #close(): void {
    if (this.#frames.pop()?.begun) this.#leave();
    this.#keyNext = false;
  }

  #step(): void {
    const frame = this.#frames.at(-1);
    this.#leave();
    if (frame?.isArray) this.#enter(String(frame.begun++));
    else this.#keyNext = true;
  }

  #string(): true {
    this.kind = this.#keyNext ? "key" : "string";
    this.#take(endOfString(this.#text, this.#at));
    if (!this.#keyNext) return true;
    this.#keyNext = false;
    const frame = this.#frames.at(-1);
    if (frame) frame.begun += 1;
    this.#enter(this.value);
    return true;
  }

  #scalar(): true {
    this.kind = "scalar";
    this.#take(endOfScalar(this.#text, this.#at));
    return true;
  }

  #take(end: number): void {
    this.start = this.#at;
    this.end = end;
    this.#at = end;
  }
}

/** An RFC 6901 pointer. */
export function pointerTo(path: readonly string[]): string {
  return path.map((step) => `/${step.replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
}

/** The steps of an RFC 6901 pointer. */
export function stepsOf(pointer: string): string[] {
  return pointer
    .split("/")
    .slice(1)
    .map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"));
}
