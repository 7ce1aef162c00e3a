import type { DecisionRequest } from "@mcp-governance-bridge/shared";
import type { Facts, Refusal } from "./checks/check.ts";
import type { NamedCheck, ServerPolicy } from "./compile-policies.ts";
import { explainRule, type Step } from "./explain-rule.ts";
import { situationOf } from "./rules/condition.ts";
import { byStrength } from "./rules/plan.ts";

export interface StepOptions {
  at: Date;
  labels: readonly string[];
  /** The refusal before the counters, if there is one: nothing after them is looked at then. */
  early: Refusal | undefined;
}

/** Everything that is looked at to decide on a call but the counters, in order. */
export function stepsOf(policy: ServerPolicy, request: DecisionRequest, options: StepOptions): Step[] {
  const facts = { now: options.at };
  const explain = (check: NamedCheck) => explainCheck(check, request, facts);
  const closed = explain(policy.schedule);
  if (closed.verdict === "matched") return [closed];
  const rules = rulesOf(policy, request, options);
  const noCalls = policy.noCalls ? [explain(policy.noCalls)] : [];
  const late = options.early ? [] : policy.late.map(explain);
  return [closed, ...rules, defaultOf(policy, rules), ...noCalls, ...late];
}

function rulesOf(policy: ServerPolicy, request: DecisionRequest, { at, labels }: StepOptions): Step[] {
  const situation = situationOf(request, { now: at, labels });
  const circumstances = { situation, own: policy.planOf(request).labels, session: labels };
  return byStrength(policy.rules).map((rule) => explainRule(rule, request, circumstances));
}

function defaultOf({ defaults }: ServerPolicy, rules: readonly Step[]): Step {
  const deciding = rules.find(({ verdict, shadow }) => verdict === "matched" && !shadow);
  return {
    rule: "governance.default_effect",
    effect: defaults.effect,
    verdict: deciding ? "passed" : "matched",
    why: deciding ? `the rule ${deciding.rule} decides` : "no rule decides",
    shadow: false,
  };
}

function explainCheck({ rule, check }: NamedCheck, request: DecisionRequest, facts: Facts): Step {
  const refusal = check(request, facts);
  const common = { effect: "deny", shadow: false } as const;
  if (!refusal) return { ...common, rule, verdict: "passed", why: "it has no objection" };
  return { ...common, rule: refusal.rule, verdict: "matched", why: refusal.reason };
}
