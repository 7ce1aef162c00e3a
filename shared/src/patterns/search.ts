import { Budget } from "./budget.ts";
import { lookThrough, textsOf } from "./look-through.ts";
import { compileSet, type NamedPattern, type PatternSet, withoutEnds } from "./pattern-set.ts";
import { addMember, addParts, SEPARATOR, type Texts } from "./texts.ts";
import { pointerTo, visitMembers } from "./visit-texts.ts";

export interface Found {
  pattern: NamedPattern;
  /** JSON pointer to the value, or to the container's member, in which it is found; for something embedded, to what embeds it. */
  pointer: string;
}

export interface Search {
  /** The first pattern of the list that is found in a JSON value, in any form. Throws TooMuchToCheck. */
  find(value: unknown): Found | undefined;
}

interface Nearest {
  index: number;
  pointer: string;
}

/** Servers mostly share their patterns, and an automaton takes tens of milliseconds and some megabytes. */
const MAX_REMEMBERED = 32;
const remembered = new Map<string, Search>();

/** Throws when a pattern is not RE2 syntax. The same patterns make the same search. */
export function compileSearch(patterns: readonly NamedPattern[]): Search {
  const key = JSON.stringify(patterns.map(({ name, source }) => [name, source]));
  const search = remembered.get(key) ?? compile(patterns);
  remembered.delete(key);
  remembered.set(key, search);
  const [oldest] = remembered.keys();
  if (remembered.size > MAX_REMEMBERED && oldest !== undefined) remembered.delete(oldest);
  return search;
}

function compile(patterns: readonly NamedPattern[]): Search {
  if (patterns.length === 0) return { find: () => undefined };
  const exact = compileSet(patterns);
  const loose = compileSet(patterns.map(withoutEnds));
  return {
    find: (value) => (isFreeOf(loose, value) ? undefined : found(patterns, nearest(exact, value))),
  };
}

function found(patterns: readonly NamedPattern[], { index, pointer }: Nearest): Found | undefined {
  const pattern = patterns[index];
  return pattern && { pattern, pointer };
}

/** Looks at all texts of a layer at once, so it may find what spans two of them, but misses nothing: the set knows no ends. */
function isFreeOf(set: PatternSet, value: unknown): boolean {
  const texts = textsOf([value]);
  return !lookThrough(texts, new Budget(sizeOf(texts)), (view) => set.match(view).length > 0);
}

/** Looks at each text by itself. */
function nearest(set: PatternSet, value: unknown): Nearest {
  const best: Nearest = { index: Number.POSITIVE_INFINITY, pointer: "" };
  const budget = new Budget(3 * sizeOf(textsOf([value])));
  visitMembers(value, (key, member, place) => {
    const texts: Texts = { pieces: [], embedded: [] };
    addMember(texts, key, member);
    addParts(texts, key, member);
    if (texts.pieces.length === 0) return;
    const index = lowestIn(set, texts, budget);
    if (index < best.index) Object.assign(best, { index, pointer: pointerTo(place) });
  });
  return best;
}

function lowestIn(set: PatternSet, texts: Texts, budget: Budget): number {
  let lowest = Number.POSITIVE_INFINITY;
  lookThrough(texts, budget, (view) => {
    for (const text of view.split(SEPARATOR)) lowest = Math.min(lowest, set.match(text)[0] ?? lowest);
    return lowest === 0;
  });
  return lowest;
}

function sizeOf({ pieces }: Texts): number {
  return pieces.reduce((sum, piece) => sum + piece.length, 0);
}
