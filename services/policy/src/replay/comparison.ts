import type { Decision, Obligation } from "@mcp-governance-bridge/shared";
import { canonicalJson } from "@mcp-governance-bridge/shared";

import type { ReplayOutcome } from "./recorded-call.ts";

/**
 * What a candidate does to a call. `obligations`: it stays permitted, with other rules on its result. `rule`: it comes out
 * as it did, by another rule.
 */
export type Change = "newly denied" | "newly permitted" | "obligations" | "rule" | "same";

export function compare(before: ReplayOutcome, after: ReplayOutcome): Change {
  if (before.effect !== after.effect) return after.effect === "deny" ? "newly denied" : "newly permitted";
  if (!isEqual(onResults(before.obligations), onResults(after.obligations))) return "obligations";
  return before.rule === after.rule && before.code === after.code ? "same" : "rule";
}

/** A decision in the form in which it is compared. */
export function outcomeOf(decision: Decision): ReplayOutcome {
  const { effect, rule } = decision;
  return effect === "permit"
    ? { effect, rule, code: null, obligations: decision.obligations }
    : { effect, rule, code: decision.code, obligations: [] };
}

/** The rules on results that differ: in one outcome and not, or not so, in the other. */
export function differingObligations(before: ReplayOutcome, after: ReplayOutcome): string[] {
  const [old, young] = [before, after].map(({ obligations }) => onResults(obligations));
  const lacking = (these: readonly Obligation[] = [], those: readonly Obligation[] = []) =>
    these.filter((one) => !those.some((other) => isEqual(one, other)));
  const differing = [...lacking(old, young), ...lacking(young, old)];
  return [...new Set(differing.map((each) => (each.kind === "report" ? "" : each.rule)))];
}

function onResults(obligations: readonly Obligation[]): readonly Obligation[] {
  return obligations.filter(({ kind }) => kind !== "report");
}

function isEqual(one: unknown, other: unknown): boolean {
  return canonicalJson(one) === canonicalJson(other);
}
