import type { PolicyDocument, ServerPolicySettings } from "@mcp-governance-bridge/shared/configuration";
import { type NamedPattern, resolvePacks } from "@mcp-governance-bridge/shared/patterns";
import { blockedPatterns } from "./checks/blocked-patterns.ts";
import type { Check } from "./checks/check.ts";
import { presetOf } from "./checks/security-levels.ts";
import { createMemo } from "./rules/bounded-memo.ts";

/** The packs whose patterns a server's calls are looked through for. */
export function packsOf({ pattern_packs, security_level }: ServerPolicySettings): readonly string[] {
  return pattern_packs ?? presetOf(security_level).packs;
}

type CompileCheck = (rule: string, settings: ServerPolicySettings) => Check;

/** Makes the checks for patterns of a document's servers: those of their packs, then their own, each once. */
export function createPatternChecks({ packs }: PolicyDocument): CompileCheck {
  const known = resolvePacks(packs);
  return (rule, settings) => {
    const own = settings.blocked_patterns.map((source) => ({ name: source, source }));
    const ofPacks = packsOf(settings).flatMap((name) => {
      const pack = known.get(name);
      if (!pack) throw new Error(`there is no pattern pack ${name}`);
      return pack.patterns;
    });
    const patterns = new Map([...ofPacks, ...own].map((pattern) => [pattern.name, pattern]));
    return checkFor(rule, [...patterns.values()]);
  };
}

/** Compiling the patterns of the usual packs takes 50 ms: servers with the same ones share them, and so do revisions. */
const remember = createMemo<Check>(64);

function checkFor(rule: string, patterns: readonly NamedPattern[]): Check {
  const check = remember(JSON.stringify(patterns), () => blockedPatterns("", patterns));
  return (request, facts) => {
    const refusal = check(request, facts);
    return refusal && { ...refusal, rule };
  };
}
