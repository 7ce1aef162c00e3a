import type { GovernedMethod } from "@mcp-governance-bridge/shared";
import type { Check } from "./check.ts";
import { jsonLength } from "./json-length.ts";

const SENSITIVE_WORDS = new Set(["delete", "remove", "drop", "truncate", "exec", "eval"]);
const MAX_CHARACTERS = 10_000;

/** A resource is named by its address: a file called "delete" deletes nothing. */
const NAMED_BY_WORDS: ReadonlySet<GovernedMethod> = new Set<GovernedMethod>(["tools/call", "prompts/get"]);

/** Refuses tools and prompts with a sensitive word in their name, and arguments of more than 10,000 characters of JSON. */
export function highSecurity(rule: string): Check {
  return ({ method, target, arguments: given }) => {
    if (NAMED_BY_WORDS.has(method) && wordsOf(target).some((word) => SENSITIVE_WORDS.has(word))) {
      return {
        code: "high_security_sensitive_operation",
        rule,
        reason: `High security mode: ${target} contains sensitive operation`,
      };
    }
    const size = jsonLength(given);
    if (size <= MAX_CHARACTERS) return undefined;
    return {
      code: "high_security_parameter_size",
      rule,
      reason: `High security mode: Parameter size too large (${size} chars)`,
    };
  };
}

/** `dropCollection`, `drop-collection` and `DROPCollection2` are all drop, collection. */
function wordsOf(name: string): string[] {
  const words = name.match(/[A-Z]+(?![a-z])|[A-Z]?[a-z]+/g) ?? [];
  return words.map((word) => word.toLowerCase());
}
