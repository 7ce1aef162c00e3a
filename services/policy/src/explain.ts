import type { DecisionRequest, Degradation, DenialCode, Obligation } from "@mcp-governance-bridge/shared";
import type { Refusal } from "./checks/check.ts";
import type { Policies } from "./compile-policies.ts";
import { type Evaluation, evaluate, limitsOf } from "./evaluate.ts";
import type { Step } from "./explain-rule.ts";
import { stepsOf } from "./explain-steps.ts";
import { isNeverGranted } from "./never-granted.ts";
import type { Shadow } from "./rules/judge.ts";
import type { RuleLimit } from "./rules/rule-limit.ts";

/** A limit that the call would be counted by. */
export interface ExplainedLimit {
  rule: string;
  kind: RuleLimit["limit"]["kind"];
  permits: number;
  cost: number;
  windowMs: number | null;
  shadow: boolean;
}

/** Why a call comes out as it does while nobody else uses up permits. Plain JSON. */
export interface Explanation {
  revision: string;
  /** The time it was explained for. */
  at: string;
  effect: "permit" | "deny";
  /** The rule that denied or allowed; null where none had to. */
  rule: string | null;
  code: DenialCode | null;
  reason: string | null;
  /** Everything that was looked at, in order. */
  steps: Step[];
  /** The labels that the session carries, and those that the call adds. */
  labels: { session: string[]; call: string[] };
  limits: ExplainedLimit[];
  /** Pattern packs that its arguments are looked through for. */
  packs: string[];
  obligations: Obligation[];
  shadows: Shadow[];
  degraded: Degradation[];
}

export interface ExplainOptions {
  at: Date;
  /** The labels that the session carries. */
  labels: readonly string[];
}

/** Says what `decide` would answer with fresh counters, and why. Takes no permits. */
export function explain(policies: Policies, request: DecisionRequest, { at, labels }: ExplainOptions): Explanation {
  const evaluation = evaluate(policies, request, { now: at, labels });
  const limits = evaluation.early ? [] : limitsOf(policies, request, at);
  const refusal = evaluation.early ?? refusalByLimit(limits) ?? evaluation.late;
  const policy = policies.servers.get(request.server);
  return {
    revision: policies.revision,
    at: at.toISOString(),
    ...outcomeOf(evaluation, refusal),
    steps: policy && !policy.settings.disabled ? stepsOf(policy, request, { at, labels, early: evaluation.early }) : [],
    labels: { session: [...labels], call: [...(policy?.planOf(request).labels ?? [])] },
    limits: limits.map(explainLimit),
    packs: [...(policy?.packs ?? [])],
    degraded: [...evaluation.degraded],
  };
}

type Outcome = Pick<Explanation, "effect" | "rule" | "code" | "reason" | "obligations" | "shadows">;

function outcomeOf({ rule, obligations, shadows }: Evaluation, refusal: Refusal | undefined): Outcome {
  if (!refusal) {
    return { effect: "permit", rule, code: null, reason: null, obligations: [...obligations], shadows: [...shadows] };
  }
  const { code, reason } = refusal;
  return { effect: "deny", rule: refusal.rule, code, reason, obligations: [], shadows: [] };
}

/** The counters name the limit that makes wait longest: the first without enough permits ever. */
function refusalByLimit(limits: readonly RuleLimit[]): Refusal | undefined {
  return limits.find(isNeverGranted)?.refuse(0, undefined);
}

function explainLimit({ rule, limit, isShadow }: RuleLimit): ExplainedLimit {
  return {
    rule,
    kind: limit.kind,
    permits: limit.permits,
    cost: limit.kind === "concurrent" ? 1 : limit.cost,
    windowMs: limit.kind === "window" ? limit.windowMs : null,
    shadow: isShadow,
  };
}
