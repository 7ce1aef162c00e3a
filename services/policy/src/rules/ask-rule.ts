import { ConditionFailure, type Situation } from "./condition.ts";
import type { CompiledRule } from "./policy-rules.ts";

/** What is known of a call when its rules are asked. */
export interface Circumstances {
  situation: Situation;
  /** The labels that the call carries itself. */
  own: readonly string[];
  /** The labels that the session carries; undefined where they cannot be read. */
  session: readonly string[] | undefined;
}

/** `flow`: its labels do not come together; `condition`: it does not hold; the last two: it cannot be told. */
export type Answer = "match" | "flow" | "condition" | "failed" | "unlabelled";

/** Whether a rule whose selector matches a call matches it altogether. */
export function askRule(rule: CompiledRule, circumstances: Circumstances): Answer {
  const flow = rule.closes ? askFlow(rule.closes, circumstances) : "match";
  return flow === "match" && rule.condition ? askCondition(rule, circumstances) : flow;
}

function askFlow(closes: readonly string[], { own, session }: Circumstances): Answer {
  if (!own.some((label) => closes.includes(label))) return "flow";
  const missing = closes.filter((label) => !own.includes(label));
  if (missing.length === 0) return "match";
  if (session === undefined) return "unlabelled";
  return missing.every((label) => session.includes(label)) ? "match" : "flow";
}

function askCondition({ condition }: CompiledRule, { situation, session }: Circumstances): Answer {
  if (condition === undefined) return "match";
  if (condition.readsLabels && session === undefined) return "unlabelled";
  try {
    return condition.holds(situation) ? "match" : "condition";
  } catch (error) {
    if (error instanceof ConditionFailure) return "failed";
    throw error;
  }
}
