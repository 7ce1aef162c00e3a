import { isContainer } from "./visit-texts.ts";

/** Stands between texts that are looked at together. No pattern takes it for white space or for part of a word. */
export const SEPARATOR = "\u001f";

/** What one layer of a value holds. */
export interface Texts {
  /** None of them holds a SEPARATOR. */
  pieces: string[];
  /** Strings that may be JSON themselves. */
  embedded: string[];
}

/** Adds what patterns look at in one member: `key: value` of a scalar, the key of a container, or a string without a key. */
export function addMember({ pieces, embedded }: Texts, key: string | undefined, value: unknown): void {
  if (key !== undefined) pieces.push(clean(isContainer(value) ? key : `${key}: ${value}`));
  if (typeof value !== "string") return;
  if (key === undefined) pieces.push(clean(value));
  if (mayBeJson(value)) embedded.push(value);
}

/** Adds the key and the value of a scalar member apart: patterns that know the ends of a text find other things in them. */
export function addParts({ pieces }: Texts, key: string | undefined, value: unknown): void {
  if (key === undefined || isContainer(value)) return;
  pieces.push(clean(key));
  if (typeof value === "string") pieces.push(clean(value));
}

/** Applies `change`, which may not look beyond one text, to each of the texts that were joined. */
export function changeEach(joined: string, change: (text: string) => string): string {
  return joined.includes(SEPARATOR) ? joined.split(SEPARATOR).map(change).join(SEPARATOR) : change(joined);
}

function clean(text: string): string {
  return text.includes(SEPARATOR) ? text.replaceAll(SEPARATOR, "") : text;
}

function mayBeJson(text: string): boolean {
  return /^\s*[[{"]/.test(text);
}
