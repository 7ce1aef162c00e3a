import type { Degradation, ShadowDenial } from "@mcp-governance-bridge/shared";
import type { Refusal } from "../checks/check.ts";
import { type Answer, askRule, type Circumstances } from "./ask-rule.ts";
import type { Plan } from "./plan.ts";
import type { CompiledRule } from "./policy-rules.ts";

/** A denial by a rule on trial, of whatever revision. */
export type Shadow = Omit<ShadowDenial, "revision">;

/** What becomes of calls that no rule is about, and of rules on labels that cannot be read. */
export interface Defaults {
  effect: "allow" | "deny";
  labels: "closed" | "open";
}

/** What the rules of `policies` say of a call. */
export interface Judgement {
  refusal: Refusal | undefined;
  /** The rule that allowed; null where none had to. */
  rule: string | null;
  /** What rules on trial would have denied. None where the call is denied anyway. */
  shadows: readonly Shadow[];
  degraded: readonly Degradation[];
}

const NONE: readonly never[] = [];
const UNDECIDED: Judgement = { refusal: undefined, rule: null, shadows: NONE, degraded: NONE };
const BY_DEFAULT: Refusal = {
  code: "policy_default",
  rule: "governance.default_effect",
  reason: "No rule of the policy allows this call",
};

/** Asks the rules of a plan: deny wins over require_approval, that over allow, and allow over the default. */
export function judge(plan: Plan, circumstances: Circumstances, defaults: Defaults): Judgement {
  if (plan.rules.length === 0 && plan.shadows.length === 0 && defaults.effect === "allow") return UNDECIDED;
  const verdict = decide(plan.rules, circumstances, defaults);
  return { ...verdict, shadows: verdict.refusal ? NONE : shadowsOf(plan.shadows, circumstances) };
}

type Verdict = Omit<Judgement, "shadows">;

function decide(rules: readonly CompiledRule[], circumstances: Circumstances, defaults: Defaults): Verdict {
  const degraded: Degradation[] = [];
  let unread: CompiledRule | undefined;
  for (const rule of rules) {
    const answer = askRule(rule, circumstances);
    const leftOut = leftOutFor(rule, answer, defaults);
    if (leftOut) {
      degraded.push({ rule: rule.name, dependency: leftOut, mode: "open" });
      continue;
    }
    if (decides(rule, answer)) return verdictBy(rule, answer, degraded);
    if (answer === "unlabelled") unread ??= rule;
  }
  return { refusal: refusalByDefault(defaults, unread), rule: null, degraded };
}

function verdictBy(rule: CompiledRule, answer: Answer, degraded: Degradation[]): Verdict {
  if (rule.effect === "allow") return { refusal: undefined, rule: rule.name, degraded };
  return { refusal: refusalBy(rule, answer), rule: null, degraded };
}

/** A rule that might have allowed, had its labels been readable, is named as the cause. */
function refusalByDefault({ effect }: Defaults, unread: CompiledRule | undefined): Refusal | undefined {
  if (effect === "allow") return undefined;
  return unread ? refusalBy(unread, "unlabelled") : BY_DEFAULT;
}

/** What was missing, where the rule goes without. */
function leftOutFor(rule: CompiledRule, answer: Answer, { labels }: Defaults): "condition" | "labels" | undefined {
  if (answer === "failed" && rule.isOpenOnFailure) return "condition";
  return answer === "unlabelled" && labels === "open" ? "labels" : undefined;
}

/** A rule that restricts does so also where it cannot be told whether it matches. */
function decides({ effect }: CompiledRule, answer: Answer): boolean {
  return answer === "match" || (effect !== "allow" && (answer === "failed" || answer === "unlabelled"));
}

/** The denial that goes with a rule's answer. */
function refusalBy(rule: CompiledRule, answer: Answer): Refusal {
  if (answer === "unlabelled") {
    return {
      code: "labels_unavailable",
      rule: rule.name,
      reason: "Governance error: the labels of the session are not reachable",
    };
  }
  const reason = answer === "failed" ? `${rule.reason} (the rule's condition could not be evaluated)` : rule.reason;
  return { code: codeOf(rule), rule: rule.name, reason };
}

function codeOf({ effect, closes }: CompiledRule): Refusal["code"] {
  if (effect === "require_approval") return "approval_required";
  return closes ? "information_flow" : "policy_rule";
}

/** Nothing is known of a rule on labels that cannot be read; any other does on trial what it would do in earnest. */
function shadowsOf(rules: readonly CompiledRule[], circumstances: Circumstances): readonly Shadow[] {
  if (rules.length === 0) return NONE;
  return rules.flatMap((rule) => {
    const answer = askRule(rule, circumstances);
    const isDenial = answer === "match" || (answer === "failed" && !rule.isOpenOnFailure);
    if (rule.effect === "allow" || !isDenial) return [];
    const { code, reason } = refusalBy(rule, answer);
    return [{ rule: rule.name, code, reason }];
  });
}
