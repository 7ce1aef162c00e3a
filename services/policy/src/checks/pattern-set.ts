import { RE2JS, RE2Set } from "re2js";

/** The work that one character of an argument may cost at worst grows with these. Ordinary patterns take 5 to 100 steps. */
const MAX_STEPS = 1_000;
const MAX_STEPS_TOGETHER = 10_000;

/** The reason why `source` cannot be a blocked pattern, or undefined where it can. Patterns are RE2 syntax. */
export function checkPattern(source: string): string | undefined {
  try {
    const steps = stepsOf(source);
    return steps > MAX_STEPS ? `too large: it compiles to ${steps} steps, more than ${MAX_STEPS}` : undefined;
  } catch (error) {
    return reasonOf(error);
  }
}

/** The reason why patterns that are good one by one cannot be used together, or undefined where they can. */
export function checkPatternsTogether(sources: readonly string[]): string | undefined {
  const steps = sources.reduce((sum, source) => sum + stepsOf(source), 0);
  if (steps <= MAX_STEPS_TOGETHER) return undefined;
  return `too large together: they compile to ${steps} steps, more than ${MAX_STEPS_TOGETHER}`;
}

/**
 * One automaton for all patterns, ignoring case, in time linear in the text whatever the patterns are.
 * The function answers with the index of the first pattern that is found, or with the number of patterns where none is.
 */
export function compilePatterns(sources: readonly string[]): (text: string) => number {
  const set = new RE2Set(RE2Set.UNANCHORED, RE2JS.CASE_INSENSITIVE);
  for (const source of sources) set.add(source);
  set.compile();
  return (text) => {
    const found = set.match(text);
    return found.length === 0 ? sources.length : Math.min(...found);
  };
}

function stepsOf(source: string): number {
  return RE2JS.compile(source, RE2JS.CASE_INSENSITIVE).programSize();
}

/** What RE2 says of a pattern, without the flag that is ours. */
function reasonOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.replace("error parsing regexp: ", "").replace("`(?i)", "`");
}
