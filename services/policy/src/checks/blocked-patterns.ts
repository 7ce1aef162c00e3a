import { compileSearch, type NamedPattern, type Search, TooMuchToCheck } from "@mcp-governance-bridge/shared/patterns";
import type { Check } from "./check.ts";

/**
 * Refuses arguments in which a pattern is found, in whatever form, and names the first of the list that is. Refuses also what would take too
 * long to look through. Throws when a pattern is not RE2 syntax.
 */
export function blockedPatterns(rule: string, patterns: readonly NamedPattern[]): Check {
  const search = compileSearch(patterns);
  return ({ arguments: given }) => {
    const cause = causeIn(search, given);
    return cause && { ...cause, rule };
  };
}

function causeIn(search: Search, given: unknown) {
  try {
    const found = search.find(given);
    if (!found) return undefined;
    return { code: "security_pattern", reason: `Security pattern detected: ${found.pattern.name}` } as const;
  } catch (error) {
    if (!(error instanceof TooMuchToCheck)) throw error;
    return { code: "unchecked_arguments", reason: `Arguments cannot be checked: ${error.message}` } as const;
  }
}
