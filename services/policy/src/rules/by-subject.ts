import type { Selector } from "@mcp-governance-bridge/shared/configuration";
import { createMemo } from "./bounded-memo.ts";
import type { Subject } from "./selector.ts";

const REMEMBERED = 4_096;
const MAX_KEY = 4_096;

/**
 * Remembers what was computed for a subject, as long as others are not asked for more often. `compute` may read nothing of a
 * subject but what the selectors read, and its server must always be the same.
 */
export function rememberBySubject<Value extends object>(
  selectors: readonly Selector[],
  compute: (subject: Subject) => Value,
): (subject: Subject) => Value {
  const keyOf = compileKey(selectors);
  const memo = createMemo<Value>(REMEMBERED);
  return (subject) => {
    const key = keyOf(subject);
    return key.length > MAX_KEY ? compute(subject) : memo(key, () => compute(subject));
  };
}

type Part = (subject: Subject) => string;

/** Tells subjects apart as far as the selectors do: who asks makes no difference where no rule asks who. */
function compileKey(selectors: readonly Selector[]): Part {
  const uses = (member: keyof Selector) => selectors.some((selector) => selector[member] !== undefined);
  const roles = new Set(selectors.flatMap((selector) => selector.roles ?? []));
  const names = [...new Set(selectors.flatMap(({ annotations = {} }) => Object.keys(annotations)))];
  const parts: Part[] = [];
  const usesTargets = uses("tools") || uses("prompts") || uses("resources");
  if (usesTargets || uses("methods")) parts.push(({ method }) => method);
  if (usesTargets) parts.push(({ target }) => delimited(target));
  if (uses("principals")) parts.push(({ principal }) => delimited(principal));
  if (uses("clients")) parts.push(({ client }) => (client ? delimited(client.name) : "-"));
  if (roles.size > 0) parts.push((subject) => `[${subject.roles.filter((role) => roles.has(role)).map(delimited)}]`);
  for (const name of names) parts.push(({ annotations }) => scalar(annotations?.[name]));
  return (subject) => {
    let key = "";
    for (const part of parts) key += `${part(subject)} `;
    return key;
  };
}

/** No two texts followed by others make the same key. */
function delimited(text: string): string {
  return `${text.length}:${text}`;
}

function scalar(value: unknown): string {
  return typeof value === "object" || value === undefined ? "-" : delimited(`${typeof value} ${value}`);
}
