import { rememberBySubject } from "./by-subject.ts";
import type { Labelling } from "./label-rules.ts";
import type { CompiledRule } from "./policy-rules.ts";
import type { Subject } from "./selector.ts";

/** The rules that are about one subject: everything of them that does not depend on arguments, time and session. */
export interface Plan {
  /** Those that decide: deny before require_approval before allow, and in the order of the file. */
  rules: readonly CompiledRule[];
  /** Those on trial. */
  shadows: readonly CompiledRule[];
  /** The labels of such a call, in alphabetical order. */
  labels: readonly string[];
  /** Whether a rule needs to know the labels that the session carries. */
  readsSession: boolean;
}

const STRENGTH = { deny: 0, require_approval: 1, allow: 2 } as const;

/** Finds the plan of a server's subject. One that was asked for lately is found at once, however many rules there are. */
export function createPlanner(
  rules: readonly CompiledRule[],
  labellings: readonly Labelling[],
): (subject: Subject) => Plan {
  const selectors = [...rules, ...labellings].map(({ selector }) => selector);
  return rememberBySubject(selectors, (subject) => planOf(subject, rules, labellings));
}

/** The plan of a subject, every rule asked. */
export function planOf(subject: Subject, rules: readonly CompiledRule[], labellings: readonly Labelling[]): Plan {
  const about = rules.filter(({ selection }) => selection.matches(subject));
  const labels = labellings.filter(({ selection }) => selection.matches(subject)).flatMap((rule) => rule.labels);
  const own = [...new Set(labels)].sort();
  const deciding = about.filter(({ isShadow }) => !isShadow);
  return {
    rules: byStrength(deciding),
    shadows: about.filter(({ isShadow }) => isShadow),
    labels: own,
    readsSession: about.some((rule) => readsSession(rule, own)),
  };
}

/** The order in which rules are asked: deny, require_approval, allow; among equals as they are. */
export function byStrength(rules: readonly CompiledRule[]): CompiledRule[] {
  return [...rules].sort((one, other) => STRENGTH[one.effect] - STRENGTH[other.effect]);
}

/** A rule on a flow is about calls that carry one of its labels themselves; such a call alone may carry them all. */
function readsSession({ closes, condition }: CompiledRule, own: readonly string[]): boolean {
  if (condition?.readsLabels) return true;
  return closes !== undefined && own.some((label) => closes.includes(label));
}
