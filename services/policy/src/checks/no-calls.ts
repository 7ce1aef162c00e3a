import type { Check, Refusal } from "./check.ts";

/** A limit of 0 refuses every call; no counter is asked and no waiting helps. */
export function noCalls(rule: string): Check {
  const refusal: Refusal = { code: "rate_limit", rule, reason: "Rate limit exceeded: 0/0 requests per minute" };
  return () => refusal;
}
