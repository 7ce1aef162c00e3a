import { readdirSync, readFileSync } from "node:fs";
import { PatternPack } from "../configuration/policy-document.ts";
import type { NamedPattern } from "./pattern-set.ts";

/** A pack with what it has from those that it extends. */
export interface ResolvedPack {
  name: string;
  /** Named `pack/id`, after the pack that a pattern comes from. */
  patterns: readonly NamedPattern[];
  attacks: readonly unknown[];
  lookalikes: readonly unknown[];
}

const FOLDER = new URL("../../packs/", import.meta.url);

/** The packs that come with the program. */
export const builtInPacks: readonly PatternPack[] = readdirSync(FOLDER)
  .filter((file) => file.endsWith(".json"))
  .sort()
  .map((file) => PatternPack.parse(JSON.parse(readFileSync(new URL(file, FOLDER), "utf8"))));

/** All packs there are by name, the built-in ones and the operator's own. What `packProblems` reports is left out here. */
export function resolvePacks(own: readonly PatternPack[]): ReadonlyMap<string, ResolvedPack> {
  const byName = new Map([...own, ...builtInPacks].map((pack) => [pack.name, pack]));
  return new Map([...byName].map(([name, pack]) => [name, resolve(pack, byName)]));
}

function resolve(pack: PatternPack, byName: ReadonlyMap<string, PatternPack>): ResolvedPack {
  const family = familyOf(pack, byName);
  return {
    name: pack.name,
    patterns: family.flatMap(({ name, patterns }) =>
      patterns.map(({ id, pattern }) => ({ name: `${name}/${id}`, source: pattern })),
    ),
    attacks: family.flatMap(({ attacks }) => attacks),
    lookalikes: family.flatMap(({ lookalikes }) => lookalikes),
  };
}

/** A pack and what it extends, itself last, each once. */
function familyOf(pack: PatternPack, byName: ReadonlyMap<string, PatternPack>): PatternPack[] {
  const family = new Set<PatternPack>();
  let next: PatternPack | undefined = pack;
  while (next && !family.has(next)) {
    family.add(next);
    next = next.extends === undefined ? undefined : byName.get(next.extends);
  }
  return [...family].reverse();
}
