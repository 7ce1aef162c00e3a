import type {
  PolicyDocument,
  PolicyRule,
  ResultRule,
  ServerPolicySettings,
} from "@mcp-governance-bridge/shared/configuration";
import {
  checkPattern,
  checkPatternsTogether,
  packProblems,
  resolvePacks,
} from "@mcp-governance-bridge/shared/patterns";
import { scheduleProblems } from "./checks/schedule-problems.ts";
import { conditionProblem } from "./rules/condition.ts";

/** What keeps a policy document from being used, and where in it. */
export interface PolicyProblem {
  path: (string | number)[];
  message: string;
}

type Path = readonly (string | number)[];
type Find<Of> = (of: Of, path: Path) => PolicyProblem[];
type Rules = PolicyDocument["global"];

/** Everything that keeps a document from being compiled; none where it can be. */
export function policyProblems(document: PolicyDocument): PolicyProblem[] {
  const packs = packProblems(document.packs).map(({ path, message }) => problem(["packs", ...path], message));
  const known = knownPacks(document);
  const servers = Object.entries(document.servers).flatMap(([name, settings]) => {
    const path = ["servers", name];
    return [...rulesProblems(settings, path, known), ...serverProblems(settings, path, known)];
  });
  return [...packs, ...rulesProblems(document.global, ["global"], known), ...unknownServers(document), ...servers];
}

type Packs = ReadonlySet<string>;

/** Packs with problems of their own are known all the same, so that one mistake is told once. */
function knownPacks({ packs }: PolicyDocument): Packs {
  return new Set([...resolvePacks([]).keys(), ...packs.map(({ name }) => name)]);
}

function problem(path: Path, message: string): PolicyProblem {
  return { path: [...path], message };
}

function rulesProblems(
  rules: Pick<Rules, "policies" | "limits" | "results">,
  path: Path,
  known: Packs,
): PolicyProblem[] {
  const { policies, limits, results } = rules;
  return [
    ...duplicates(policies, [...path, "policies"]),
    ...duplicates(limits, [...path, "limits"]),
    ...duplicates(results, [...path, "results"]),
    ...each(policies, [...path, "policies"], conditionProblems),
    ...each(limits, [...path, "limits"], limitProblems),
    ...each(results, [...path, "results"], (rule, at) => resultProblems(rule, at, known)),
  ];
}

function each<Of>(list: readonly Of[], path: Path, find: Find<Of>): PolicyProblem[] {
  return list.flatMap((element, index) => find(element, [...path, index]));
}

function duplicates(rules: readonly { id: string }[], path: Path): PolicyProblem[] {
  const ids = rules.map(({ id }) => id);
  return ids.flatMap((id, index) => {
    const first = ids.indexOf(id);
    return first === index
      ? []
      : [problem([...path, index, "id"], `names two rules: ${id} is also the one at ${first}`)];
  });
}

function conditionProblems({ when }: PolicyRule, path: Path): PolicyProblem[] {
  const message = when === undefined ? undefined : conditionProblem(when);
  return message === undefined ? [] : [problem([...path, "when"], `is no condition in CEL: ${message}`)];
}

function limitProblems({ permits, daily, concurrent }: Rules["limits"][number], path: Path): PolicyProblem[] {
  const isLimit = daily !== undefined || concurrent !== undefined || Object.values(permits).some(isGiven);
  return isLimit ? [] : [problem(path, "limits nothing: it needs permits, daily or concurrent")];
}

function isGiven(value: unknown): boolean {
  return value !== undefined;
}

function resultProblems(rule: ResultRule, path: Path, known: Packs): PolicyProblem[] {
  const isEndless = rule.action === "truncate" && rule.max_characters === undefined;
  return [
    ...(isEndless ? [problem([...path, "max_characters"], "is required where the action is truncate")] : []),
    ...unknownPacks(rule.packs, [...path, "packs"], known),
    ...patternProblems(rule.patterns, [...path, "patterns"]),
  ];
}

function serverProblems(settings: ServerPolicySettings, path: Path, known: Packs): PolicyProblem[] {
  return [
    ...scheduleProblems(settings).map((found) => problem([...path, ...found.path], found.message)),
    ...unknownPacks(settings.pattern_packs ?? [], [...path, "pattern_packs"], known),
    ...patternProblems(settings.blocked_patterns, [...path, "blocked_patterns"]),
  ];
}

function unknownPacks(names: readonly string[], path: Path, known: Packs): PolicyProblem[] {
  return each(names, path, (name, at) => {
    return known.has(name) ? [] : [problem(at, `names no pattern pack; there are ${[...known].sort().join(", ")}`)];
  });
}

/** Patterns that are too large together are told where each is good by itself. */
function patternProblems(sources: readonly string[], path: Path): PolicyProblem[] {
  const bad = each(sources, path, (source, at) => {
    const message = checkPattern(source);
    return message === undefined ? [] : [problem(at, message)];
  });
  if (bad.length > 0) return bad;
  const together = checkPatternsTogether(sources);
  return together === undefined ? [] : [problem(path, together)];
}

/** A global rule that names a server in full means one that is there. A glob may be meant for those to come. */
function unknownServers({ global, servers }: PolicyDocument): PolicyProblem[] {
  const there = new Set(Object.keys(servers));
  return (["policies", "limits", "results", "labels"] as const).flatMap((kind) =>
    each<{ servers?: string[] | undefined }>(global[kind], ["global", kind], (rule, path) =>
      each(rule.servers ?? [], [...path, "servers"], (name, at) => {
        const isFine = there.has(name) || /[*?]/.test(name);
        return isFine ? [] : [problem(at, `names no server of the configuration: ${name}`)];
      }),
    ),
  );
}
