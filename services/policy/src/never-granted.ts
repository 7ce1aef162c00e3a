import type { RuleLimit } from "./rules/rule-limit.ts";

/** Whether a limit refuses a call however few came before it. */
export function isNeverGranted({ limit, isShadow }: RuleLimit): boolean {
  if (isShadow) return false;
  const cost = limit.kind === "concurrent" ? 1 : limit.cost;
  return cost > limit.permits;
}
