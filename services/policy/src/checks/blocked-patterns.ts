import type { Check } from "./check.ts";
import { compilePatterns } from "./pattern-set.ts";
import { visitTexts } from "./visit-texts.ts";

export const BUILT_IN_PATTERNS: readonly string[] = [
  String.raw`(password|secret|token|key)\s*[:=]\s*\w+`,
  String.raw`(rm|del|delete)\s+-rf`,
  String.raw`drop\s+table`,
  String.raw`eval\s*\(`,
  String.raw`exec\s*\(`,
];

/**
 * Refuses arguments in which a pattern finds something: in a string, in a key, or in `key: value` of a scalar member, at any depth.
 * Names the first pattern of the list that does. Throws when a pattern is not RE2 syntax.
 */
export function blockedPatterns(rule: string, custom: readonly string[]): Check {
  const sources = [...BUILT_IN_PATTERNS, ...custom];
  const firstMatch = compilePatterns(sources);
  const looksAtParts = sources.some(mayKnowEnds);

  return ({ arguments: given }) => {
    let found = sources.length;
    visitTexts(given, (text, isPart) => {
      if (looksAtParts || !isPart) found = Math.min(found, firstMatch(text));
    });
    const source = sources[found];
    if (source === undefined) return undefined;
    return { code: "security_pattern", rule, reason: `Security pattern detected: ${source}` };
  };
}

/** Whether a pattern may tell the end of a text from its middle. One that cannot finds in the whole what it finds in a part. */
function mayKnowEnds(source: string): boolean {
  return /[\^$]|\\[AzZ]/.test(source);
}
