import type { Grant } from "../counter-store.ts";
import type { Check, Refusal } from "./check.ts";

/** Refuses what the counters did not grant, and says when to try again. */
export function rateLimit(rule: string): (grant: Grant) => Refusal | undefined {
  return (grant) => {
    if (grant.granted) return undefined;
    const { used, limit, retryAfterMs } = grant;
    return { ...exceeded(rule, used, limit.permits), retryAfterMs };
  };
}

/** A limit of 0 refuses every call; no counter is asked and no waiting helps. */
export function noCalls(rule: string): Check {
  const refusal = exceeded(rule, 0, 0);
  return () => refusal;
}

function exceeded(rule: string, used: number, permits: number): Refusal {
  return { code: "rate_limit", rule, reason: `Rate limit exceeded: ${used}/${permits} requests per minute` };
}
