import { RE2JS } from "re2js";

/** The work that one character may cost at worst grows with these. Ordinary patterns take 5 to 100 steps. */
const MAX_STEPS = 1_000;
const MAX_STEPS_TOGETHER = 10_000;

/** The reason why `source` cannot be a pattern, or undefined where it can. Patterns are RE2 syntax. */
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

function stepsOf(source: string): number {
  return RE2JS.compile(source, RE2JS.CASE_INSENSITIVE).programSize();
}

/** What RE2 says of a pattern, without the flag that is ours. */
function reasonOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.replace("error parsing regexp: ", "").replace("`(?i)", "`");
}
