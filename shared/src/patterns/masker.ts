import { RE2JS } from "re2js";
import { Budget } from "./budget.ts";
import { lookThrough, textsOf } from "./look-through.ts";
import { compileSet, type NamedPattern } from "./pattern-set.ts";
import { compileSearch } from "./search.ts";
import { SEPARATOR } from "./texts.ts";

export interface Masked {
  text: string;
  /** What was masked: each pattern by its name, in the order of the list. */
  found: { name: string; count: number }[];
}

export interface Masker {
  /**
   * Replaces what patterns find in a text by `mask`; where a pattern has a group named `value`, only what that holds. What is found only in
   * another form of the text (see `compileSearch`) has no place in it: then the whole text becomes the mask. A text in which nothing is found
   * comes back as it is, and so does a masked text. Throws TooMuchToCheck.
   */
  mask(text: string, mask: string): Masked;
}

const MASKED_GROUP = "value";

interface Span {
  index: number;
  start: number;
  end: number;
}

/** Throws when a pattern is not RE2 syntax. */
export function compileMasker(patterns: readonly NamedPattern[]): Masker {
  const search = compileSearch(patterns);
  const spansIn = compileSpans(patterns);

  return {
    mask(text, mask) {
      if (text === mask || search.find(text) === undefined) return { text, found: [] };
      const spans = spansIn(text, mask);
      const masked = replaced(text, spans, mask);
      const hidden = patternsIn(masked, (view) => spansIn(view, mask));
      const counts = patterns.map(({ name }, index) => ({
        name,
        count: countOf(index, spans) || Number(hidden.has(index)),
      }));
      const found = counts.filter(({ count }) => count > 0);
      return { text: hidden.size === 0 ? masked : mask, found };
    },
  };
}

/** The patterns that find something in the text or in any other form of it. */
function patternsIn(text: string, spansIn: (view: string) => Span[]): Set<number> {
  const indexes = new Set<number>();
  const lookAt = (view: string) => {
    for (const { index } of spansIn(view)) indexes.add(index);
  };
  lookAt(text);
  lookThrough(textsOf([text]), new Budget(text.length), (joined) => {
    for (const view of joined.split(SEPARATOR)) lookAt(view);
    return false;
  });
  return indexes;
}

/** Where in a text each pattern finds something that is not the mask already. */
function compileSpans(patterns: readonly NamedPattern[]): (text: string, mask: string) => Span[] {
  const set = compileSet(patterns);
  const compiled = patterns.map(({ source }) => {
    const pattern = RE2JS.compile(source, RE2JS.CASE_INSENSITIVE);
    return { pattern, group: pattern.namedGroups()[MASKED_GROUP] ?? 0 };
  });
  return (text, mask) =>
    set.match(text).flatMap((index) => {
      const one = compiled[index];
      return one === undefined ? [] : spansOf(one, text, { index, mask });
    });
}

function spansOf(
  { pattern, group }: { pattern: RE2JS; group: number },
  text: string,
  { index, mask }: { index: number; mask: string },
): Span[] {
  const spans: Span[] = [];
  const matcher = pattern.matcher(text);
  while (matcher.find()) {
    const isInGroup = matcher.start(group) >= 0;
    const [start, end] = [matcher.start(isInGroup ? group : 0), matcher.end(isInGroup ? group : 0)];
    if (end > start && text.slice(start, end) !== mask) spans.push({ index, start, end });
  }
  return spans;
}

function replaced(text: string, spans: readonly Span[], mask: string): string {
  let kept = "";
  let from = 0;
  let until = -1;
  for (const { start, end } of spans.toSorted((one, other) => one.start - other.start)) {
    if (start > until) kept += `${text.slice(from, start)}${mask}`;
    until = Math.max(until, end);
    from = until;
  }
  return kept + text.slice(from);
}

function countOf(index: number, spans: readonly Span[]): number {
  return spans.filter((span) => span.index === index).length;
}
