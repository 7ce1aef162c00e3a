import { RE2JS, RE2Set } from "re2js";

/** A pattern with the name by which a refusal tells it: `pack/id`, or its own source. */
export interface NamedPattern {
  name: string;
  /** RE2 syntax; case is ignored. */
  source: string;
}

/** Patterns as one automaton. Time is linear in the text, whatever the patterns are. */
export interface PatternSet {
  /** Indexes of the patterns that are found in the text, lowest first. */
  match(text: string): readonly number[];
}

/** Throws when a pattern is not RE2 syntax. */
export function compileSet(patterns: readonly NamedPattern[]): PatternSet {
  const set = new RE2Set(RE2Set.UNANCHORED, RE2JS.CASE_INSENSITIVE);
  for (const { source } of patterns) set.add(source);
  set.compile();
  return { match: (text) => set.match(text) };
}

const TOKEN = /\\Q[\s\S]*?(?:\\E|$)|\\[\s\S]|\[\^?\]?(?:\[:\^?\w+:\]|\\[\s\S]|[^\]])*\]|[\^$]/g;
const ENDS: ReadonlySet<string> = new Set(["^", "$", "\\A", "\\z"]);

/** The pattern without its anchors: finds in texts that are joined whatever the pattern finds in one of them, and more. */
export function withoutEnds({ name, source }: NamedPattern): NamedPattern {
  return { name, source: source.replace(TOKEN, (token) => (ENDS.has(token) ? "(?:)" : token)) };
}
