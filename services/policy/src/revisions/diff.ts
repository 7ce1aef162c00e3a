import type { EventOf } from "@mcp-governance-bridge/shared";
import { canonicalJson } from "@mcp-governance-bridge/shared";

import { isObject } from "./is-object.ts";
import type { PolicyState } from "./policy-state.ts";

export type Change = EventOf<"governance.policy.changed">["changes"][number];

type Named = ReadonlyMap<string, unknown>;

/**
 * What differs between two states: JSON pointers, in which a step into a list of rules, packs or patterns is the
 * entry's id or name, with canonical JSON texts. What differs in the trial has `/candidate` in front; the state
 * without a trial counts as trying what is in force.
 */
export function changesBetween(before: PolicyState, after: PolicyState): Change[] {
  const active = diff(before.document, after.document);
  if (!before.candidate && !after.candidate) return active;
  return [...active, ...diff(before.candidate ?? before.document, after.candidate ?? after.document, "/candidate")];
}

/** The places at which two JSON values differ, each as deep as both have it. */
export function diff(before: unknown, after: unknown, path = ""): Change[] {
  const [was, is] = [membersOf(before), membersOf(after)];
  if (!was || !is || Array.isArray(before) !== Array.isArray(after)) return changeAt(path, before, after);
  const keys = [...new Set([...was.keys(), ...is.keys()])].sort();
  const inside = keys.flatMap((key) => diffMember(was, is, { key, path: `${path}/${escaped(key)}` }));
  return Array.isArray(before) ? [...reordered(path, was, is), ...inside] : inside;
}

function diffMember(was: Named, is: Named, { key, path }: { key: string; path: string }): Change[] {
  if (was.has(key) && is.has(key)) return diff(was.get(key), is.get(key), path);
  const text = (members: Named) => (members.has(key) ? canonicalJson(members.get(key)) : null);
  return [{ path, before: text(was), after: text(is) }];
}

function changeAt(path: string, before: unknown, after: unknown): Change[] {
  const [was, is] = [canonicalJson(before), canonicalJson(after)];
  return was === is ? [] : [{ path, before: was, after: is }];
}

/** The order of what both lists have, where it changed. */
function reordered(path: string, was: Named, is: Named): Change[] {
  const before = [...was.keys()].filter((key) => is.has(key));
  const after = [...is.keys()].filter((key) => was.has(key));
  return changeAt(path, before, after);
}

/** An object's members, or a list's entries where each has an id or a name of its own. */
function membersOf(value: unknown): Named | undefined {
  if (!Array.isArray(value)) return isObject(value) ? new Map(Object.entries(value)) : undefined;
  const named = new Map(value.flatMap((entry: unknown) => namedEntry(entry)));
  return named.size === value.length ? named : undefined;
}

function namedEntry(entry: unknown): [string, unknown][] {
  if (!isObject(entry)) return [];
  const name = entry.id ?? entry.name;
  return typeof name === "string" ? [[name, entry]] : [];
}

function escaped(step: string): string {
  return step.replaceAll("~", "~0").replaceAll("/", "~1");
}
