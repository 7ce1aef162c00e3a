import type { DecisionRequest, GovernedMethod } from "@mcp-governance-bridge/shared";
import type { Check } from "./check.ts";
import { jsonLength } from "./json-length.ts";

/** The seed's six, and others that take away for good or run what they are given. `execute` is not among them: most of what is executed is a query. */
const SENSITIVE_WORDS = new Set([
  ...["delete", "remove", "drop", "truncate", "exec", "eval"],
  ...["del", "rm", "rmdir", "unlink", "shred", "uninstall"],
  ...["destroy", "erase", "expunge", "nuke", "obliterate", "purge", "wipe"],
  ...["kill", "terminate"],
]);
const MAX_CHARACTERS = 10_000;

/** A resource is named by its address: a file called "delete" deletes nothing. */
const NAMED_BY_WORDS: ReadonlySet<GovernedMethod> = new Set<GovernedMethod>(["tools/call", "prompts/get"]);

/**
 * Refuses tools and prompts with a sensitive word in their name, tools that say of themselves that they destroy, and arguments of more
 * than 10,000 characters of JSON. What a tool says of itself comes from its upstream, so it can only add a refusal, never lift one.
 */
export function highSecurity(rule: string): Check {
  return (request) => {
    const objection = objectionTo(request);
    if (objection)
      return { code: "high_security_sensitive_operation", rule, reason: `High security mode: ${objection}` };
    const size = jsonLength(request.arguments);
    if (size <= MAX_CHARACTERS) return undefined;
    return {
      code: "high_security_parameter_size",
      rule,
      reason: `High security mode: Parameter size too large (${size} chars)`,
    };
  };
}

function objectionTo({ method, target, annotations }: DecisionRequest): string | undefined {
  if (NAMED_BY_WORDS.has(method) && wordsOf(target).some((word) => SENSITIVE_WORDS.has(word))) {
    return `${target} contains sensitive operation`;
  }
  // MCP gives `destructiveHint` a meaning only where `readOnlyHint` is not true.
  if (annotations?.destructiveHint === true && annotations.readOnlyHint !== true) {
    return `${target} is destructive by its own account`;
  }
  return undefined;
}

/**
 * `dropCollection`, `drop-collection` and `DROPCollection2` are all drop, collection. Capitals before a small letter may belong to
 * the word before or after (`HTTPDelete`, `DELETEfile`): both readings are given.
 */
function wordsOf(name: string): string[] {
  const words = name.match(/[A-Z]+(?![a-z])|[A-Z]?[a-z]+/g) ?? [];
  const capitals = name.match(/[A-Z]{2,}(?=[a-z])/g) ?? [];
  return [...words, ...capitals].map((word) => word.toLowerCase());
}
