import type { DecisionRequest, Degradation, Obligation } from "@mcp-governance-bridge/shared";
import type { Facts, Refusal } from "./checks/check.ts";
import type { NamedCheck, Policies, ServerPolicy } from "./compile-policies.ts";
import { situationOf } from "./rules/condition.ts";
import { judge, type Shadow } from "./rules/judge.ts";
import type { RuleLimit } from "./rules/rule-limit.ts";

/** What the pure part of a decision is made from besides the request. */
export interface EvaluationFacts extends Facts {
  /** The labels that the session carries; undefined where they cannot be read. Only asked for where `readsSession`. */
  labels: readonly string[] | undefined;
}

/** All of a decision but the counters. Plain data. */
export interface Evaluation {
  /** Stands whatever the counters say: they are not asked. */
  early: Refusal | undefined;
  /** Stands unless the counters refuse; they are asked, and nothing is taken. */
  late: Refusal | undefined;
  /** The rule that allowed; null where none had to. */
  rule: string | null;
  /** The labels that the call carries. */
  labels: readonly string[];
  obligations: readonly Obligation[];
  shadows: readonly Shadow[];
  degraded: readonly Degradation[];
}

/** Whether a rule on this call needs to know the labels that its session carries. */
export function readsSession({ servers }: Policies, request: DecisionRequest): boolean {
  return servers.get(request.server)?.planOf(request).readsSession ?? false;
}

/** What the counters are to be asked about a call. */
export function limitsOf({ servers }: Policies, request: DecisionRequest, now: Date): readonly RuleLimit[] {
  return servers.get(request.server)?.limits(request, now) ?? [];
}

/** Asks everything that can be known without counters: schedule, rules, patterns, high security, in this order. */
export function evaluate({ servers }: Policies, request: DecisionRequest, facts: EvaluationFacts): Evaluation {
  const { server } = request;
  const policy = servers.get(server);
  if (!policy) return refused(undecided(server, `no policy for server ${server}`));
  if (policy.settings.disabled) return refused(undecided(server, `server ${server} is disabled`));
  const closed = policy.schedule.check(request, facts);
  return closed ? refused(closed) : evaluateRules(policy, request, facts);
}

function evaluateRules(policy: ServerPolicy, request: DecisionRequest, facts: EvaluationFacts): Evaluation {
  const { now, labels: session } = facts;
  const plan = policy.planOf(request);
  const situation = situationOf(request, { now, labels: session ?? [] });
  const { refusal, rule, shadows, degraded } = judge(plan, { situation, own: plan.labels, session }, policy.defaults);
  const early = refusal ?? policy.noCalls?.check(request, facts);
  if (early) return { ...refused(early), degraded };
  const late = firstRefusal(policy.late, request, facts);
  const obligations = late ? [] : policy.obligations(request);
  return { early: undefined, late, rule, labels: plan.labels, obligations, shadows, degraded };
}

function firstRefusal(checks: readonly NamedCheck[], request: DecisionRequest, facts: Facts): Refusal | undefined {
  for (const { check } of checks) {
    const refusal = check(request, facts);
    if (refusal) return refusal;
  }
  return undefined;
}

function refused(early: Refusal): Evaluation {
  return { early, late: undefined, rule: null, labels: [], obligations: [], shadows: [], degraded: [] };
}

/** The refusal of a call that no rule can decide. */
export function undecided(server: string, reason: string): Refusal {
  return { code: "policy_error", rule: `${server}.policy`, reason: `Governance error: ${reason}` };
}
