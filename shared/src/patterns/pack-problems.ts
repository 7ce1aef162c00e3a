import type { PatternPack } from "../configuration/policy-document.ts";
import { TooMuchToCheck } from "./budget.ts";
import { checkPattern, checkPatternsTogether } from "./check-pattern.ts";
import { builtInPacks, type ResolvedPack, resolvePacks } from "./packs.ts";
import { compileSearch, type Search } from "./search.ts";

/** What is wrong with the operator's packs, and where: the path begins with the index of the pack. */
export interface PackProblem {
  path: (string | number)[];
  message: string;
}

const SHOWN_CHARACTERS = 60;

/** Everything that keeps packs from being used, their own corpora included. */
export function packProblems(own: readonly PatternPack[]): PackProblem[] {
  const wrong = own.flatMap((pack, index) => [
    ...nameProblems(own, index),
    ...extendsProblems(own, index),
    ...patternProblems(pack, index),
  ]);
  if (wrong.length > 0) return wrong;
  const resolved = resolvePacks(own);
  return own.flatMap((pack, index) => corpusProblems(pack, index, resolved));
}

function nameProblems(own: readonly PatternPack[], index: number): PackProblem[] {
  const name = own[index]?.name;
  const path = [index, "name"];
  if (builtInPacks.some((pack) => pack.name === name)) return [{ path, message: `"${name}" is a built-in pack` }];
  const first = own.findIndex((pack) => pack.name === name);
  return first < index ? [{ path, message: `"${name}" is the name of another pack too` }] : [];
}

function extendsProblems(own: readonly PatternPack[], index: number): PackProblem[] {
  const pack = own[index];
  if (pack?.extends === undefined) return [];
  const path = [index, "extends"];
  const byName = new Map([...own, ...builtInPacks].map((one) => [one.name, one]));
  if (!byName.has(pack.extends)) {
    return [{ path, message: `there is no pack "${pack.extends}"; known are ${[...byName.keys()].sort().join(", ")}` }];
  }
  return isCircular(pack, byName) ? [{ path, message: `"${pack.name}" extends itself` }] : [];
}

function isCircular(pack: PatternPack, byName: ReadonlyMap<string, PatternPack>): boolean {
  const met = new Set<string>();
  let next = pack.extends;
  while (next !== undefined && next !== pack.name && !met.has(next)) {
    met.add(next);
    next = byName.get(next)?.extends;
  }
  return next === pack.name;
}

function patternProblems({ patterns }: PatternPack, index: number): PackProblem[] {
  const wrong = patterns.flatMap(({ id, pattern }, position): PackProblem[] => {
    const path = [index, "patterns", position];
    const reason = checkPattern(pattern);
    const isTwice = patterns.findIndex((other) => other.id === id) < position;
    return [
      ...(isTwice ? [{ path: [...path, "id"], message: `"${id}" is the id of another pattern too` }] : []),
      ...(reason === undefined ? [] : [{ path: [...path, "pattern"], message: reason }]),
    ];
  });
  if (wrong.length > 0) return wrong;
  const reason = checkPatternsTogether(patterns.map(({ pattern }) => pattern));
  return reason === undefined ? [] : [{ path: [index, "patterns"], message: reason }];
}

function corpusProblems(pack: PatternPack, index: number, resolved: ReadonlyMap<string, ResolvedPack>): PackProblem[] {
  const search = compileSearch(resolved.get(pack.name)?.patterns ?? []);
  const missed = pack.attacks.flatMap((attack, position) =>
    nameIn(search, attack) === undefined
      ? [{ path: [index, "attacks", position], message: `no pattern finds ${shown(attack)}` }]
      : [],
  );
  const hit = pack.lookalikes.flatMap((lookalike, position) => {
    const name = nameIn(search, lookalike);
    const path = [index, "lookalikes", position];
    return name === undefined ? [] : [{ path, message: `${name} is found in ${shown(lookalike)}` }];
  });
  return [...missed, ...hit];
}

/** Too much to check refuses a call as well as a pattern does. */
function nameIn(search: Search, value: unknown): string | undefined {
  try {
    return search.find(value)?.pattern.name;
  } catch (error) {
    if (error instanceof TooMuchToCheck) return "too much to check";
    throw error;
  }
}

function shown(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}…` : text;
}
