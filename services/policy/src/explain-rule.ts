import { type Answer, askRule, type Circumstances } from "./rules/ask-rule.ts";
import { ConditionFailure } from "./rules/condition.ts";
import type { CompiledRule } from "./rules/policy-rules.ts";
import type { Subject } from "./rules/selector.ts";

/** One thing that was looked at. */
export interface Step {
  rule: string;
  /** What it does to a call that it matches. */
  effect: "allow" | "deny" | "require_approval";
  /** `skipped`: it is not about such calls, or is left out; `passed`: it is, and has nothing to say about this one. */
  verdict: "matched" | "passed" | "skipped";
  why: string;
  /** Whether it is only tried. */
  shadow: boolean;
}

/** What a rule has to say about a call, and why. */
export function explainRule(rule: CompiledRule, subject: Subject, circumstances: Circumstances): Step {
  const { name, effect, isShadow, selection } = rule;
  const common = { rule: name, effect, shadow: isShadow };
  const mismatch = selection.mismatch(subject);
  if (mismatch) return { ...common, verdict: "skipped", why: whyNot(rule, mismatch, subject) };
  const answer = askRule(rule, circumstances);
  return { ...common, verdict: verdictOf(rule, answer), why: whySo(rule, answer, circumstances) };
}

type Member = NonNullable<ReturnType<CompiledRule["selection"]["mismatch"]>>;

function whyNot({ selector }: CompiledRule, member: Member, subject: Subject): string {
  if (member === "tools") return `${subject.method} of ${subject.target} is not among ${listOf(targetsOf(selector))}`;
  return `${member}: ${givenFor(member, subject)} is not among ${listOf(selector[member])}`;
}

function targetsOf({ tools, prompts, resources }: CompiledRule["selector"]): unknown {
  return { ...(tools && { tools }), ...(prompts && { prompts }), ...(resources && { resources }) };
}

function givenFor(member: Member, subject: Subject): string {
  switch (member) {
    case "principals":
      return subject.principal;
    case "roles":
      return listOf(subject.roles);
    case "clients":
      return subject.client?.name ?? "a client without a name";
    case "servers":
      return subject.server;
    case "methods":
      return subject.method;
    default:
      return listOf(subject.annotations ?? {});
  }
}

function listOf(value: unknown): string {
  return JSON.stringify(value);
}

/** As `judge` takes the answers: what cannot be told restricts, unless the rule is open on failure. */
function verdictOf({ effect, isOpenOnFailure }: CompiledRule, answer: Answer): Step["verdict"] {
  if (answer === "match") return "matched";
  if (answer === "unlabelled" || (answer === "failed" && isOpenOnFailure)) return "skipped";
  return answer === "failed" && effect !== "allow" ? "matched" : "passed";
}

function whySo(rule: CompiledRule, answer: Answer, circumstances: Circumstances): string {
  switch (answer) {
    case "match":
      return rule.isShadow ? "it matches; it is on trial and changes nothing" : "it matches";
    case "flow":
      return `the labels ${listOf(rule.closes)} do not come together: the call has ${listOf(circumstances.own)}, the session ${listOf(circumstances.session)}`;
    case "condition":
      return `its condition is false: ${rule.condition?.source}`;
    case "failed":
      return `its condition cannot be evaluated: ${failureOf(rule, circumstances)}`;
    case "unlabelled":
      return "the labels of the session cannot be read";
  }
}

function failureOf({ condition }: CompiledRule, { situation }: Circumstances): string {
  try {
    return String(condition?.holds(situation));
  } catch (error) {
    if (error instanceof ConditionFailure) return error.message;
    throw error;
  }
}
