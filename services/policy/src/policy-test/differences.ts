import type { Decision, Obligation } from "@mcp-governance-bridge/shared";
import { canonicalJson } from "@mcp-governance-bridge/shared";

import type { Expectation } from "./policy-tests.ts";

/** Where a decision is otherwise than expected, one sentence each. */
export function differencesFrom(expected: Expectation, actual: Decision): string[] {
  const { reason, obligations, ...exact } = expected;
  const found: Readonly<Record<string, unknown>> = actual;
  const differing = Object.entries(exact).filter(([name, value]) => value !== undefined && found[name] !== value);
  return [
    ...differing.map(([name, value]) => `${name} is ${textOf(found[name])}, not ${textOf(value)}`),
    ...reasonDifference(reason, actual),
    ...obligationDifferences(obligations, actual),
  ];
}

function reasonDifference(expected: string | undefined, actual: Decision): string[] {
  if (expected === undefined) return [];
  const reason = actual.effect === "deny" ? actual.reason : undefined;
  if (reason?.includes(expected)) return [];
  return [`reason is ${textOf(reason)}, which does not contain ${textOf(expected)}`];
}

function obligationDifferences(expected: Expectation["obligations"], actual: Decision): string[] {
  if (expected === undefined) return [];
  const found = actual.effect === "permit" ? actual.obligations.filter(({ kind }) => kind !== "report") : [];
  if (found.length !== expected.length) {
    return [`obligations are ${found.length}, not ${expected.length}: ${textOf(found)}`];
  }
  return found.flatMap((obligation, index) =>
    hasMembers(obligation, expected[index] ?? {})
      ? []
      : [`obligations[${index}] is ${textOf(obligation)}, without all of ${textOf(expected[index])}`],
  );
}

function hasMembers(obligation: Obligation, expected: Readonly<Record<string, unknown>>): boolean {
  const found: Readonly<Record<string, unknown>> = obligation;
  return Object.entries(expected).every(
    ([name, value]) => found[name] !== undefined && canonicalJson(found[name]) === canonicalJson(value),
  );
}

function textOf(value: unknown): string {
  return value === undefined ? "missing" : JSON.stringify(value);
}
