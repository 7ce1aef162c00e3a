import type { Document } from "../record-store.ts";
import { MAX_COMBINATIONS } from "./figures.ts";
import { addSums, noSums, type RunningSums, sumsOf } from "./sums.ts";

/** Sums of what has the same values in the members that name it. */
export interface Combination {
  members: Document;
  sums: RunningSums;
}

/** Sums by combination. */
export interface Tally {
  /** The sums of these values, in the order of the members' names. */
  of(...values: unknown[]): RunningSums;
  combinations(): Combination[];
}

export function createTally(names: readonly string[]): Tally {
  const byKey = new Map<string, Combination>();
  return {
    of(...values) {
      const key = JSON.stringify(values);
      const known = byKey.get(key);
      if (known) return known.sums;
      const members = Object.fromEntries(names.map((name, index) => [name, values[index] ?? null]));
      const sums = noSums();
      byKey.set(key, { members, sums });
      return sums;
    },
    combinations: () => [...byKey.values()],
  };
}

/**
 * What anybody may name, such as URIs of resources, must not make figures without bound: beyond so many combinations,
 * the least used are one for each server.
 */
export function capped(combinations: readonly Combination[], most = MAX_COMBINATIONS): Combination[] {
  if (combinations.length <= most) return [...combinations];
  const sorted = byUse(combinations);
  const others = new Map<unknown, Combination>();
  for (const { members, sums } of sorted.slice(most)) {
    const server = members.server_name;
    const known = others.get(server) ?? { members: othersOf(members), sums: noSums() };
    addSums(known.sums, sumsOf(sums));
    others.set(server, known);
  }
  return merged([...sorted.slice(0, most), ...others.values()]);
}

/** What was counted together before may be among the most used. */
function merged(combinations: readonly Combination[]): Combination[] {
  const byMembers = new Map<string, Combination>();
  for (const combination of combinations) {
    const key = JSON.stringify(combination.members);
    const known = byMembers.get(key);
    if (known) addSums(known.sums, sumsOf(combination.sums));
    else byMembers.set(key, combination);
  }
  return [...byMembers.values()];
}

function othersOf(members: Document): Document {
  return Object.fromEntries(
    Object.entries(members).map(([name, value]) => [name, name === "server_name" ? value : null]),
  );
}

/** The most used first. */
export function byUse(combinations: readonly Combination[]): Combination[] {
  const keyed = combinations.map((combination) => ({ combination, key: JSON.stringify(combination.members) }));
  return keyed
    .sort((a, b) => b.combination.sums.calls - a.combination.sums.calls || (a.key < b.key ? -1 : 1))
    .map(({ combination }) => combination);
}
