import type { DecisionFacts, Degradation, DenialCode } from "@mcp-governance-bridge/shared";
import type { Refusal } from "./checks/check.ts";
import { type Grant, leaseOf } from "./counter-store.ts";
import type { RuleLimit } from "./rules/rule-limit.ts";

/** What counting says to one call. */
export interface Counted {
  refusal: Refusal | undefined;
  /** The limits that were asked, those on trial left out. */
  counters: DecisionFacts["counters"];
  /** Rules that were not counted as they should have been. */
  degraded: Degradation[];
  /** What limits on trial would have refused, had the call not been refused otherwise. */
  shadows: { rule: string; code: DenialCode; reason: string }[];
  /** What the call holds from now on and must give back at its end. */
  leases: string[];
}

/** The answer of a store on these limits, for a call that takes nothing. */
export function looked(limits: readonly RuleLimit[], grant: Grant): Counted {
  const counters = limits.map(({ rule, limit: { permits } }, index) => ({
    rule,
    used: grant.used[index] ?? 0,
    permits,
  }));
  return { refusal: refusalOf(limits, grant), counters, degraded: [], shadows: [], leases: [] };
}

/** The answer of a store on these limits, for a call that takes what it is granted. */
export function taken(limits: readonly RuleLimit[], grant: Grant): Counted {
  return { ...looked(limits, grant), leases: grant.granted ? leasesOf(limits) : [] };
}

/** Throws where the answer is about no such limit. */
export function refusalOf(limits: readonly RuleLimit[], grant: Grant): Refusal | undefined {
  if (grant.granted) return undefined;
  const { refusedBy, used, retryAfterMs } = grant;
  const limit = limits[refusedBy];
  if (!limit) throw new RangeError(`the counters refuse by limit ${refusedBy} of ${limits.length}`);
  return limit.refuse(used[refusedBy] ?? 0, retryAfterMs);
}

export function leasesOf(limits: readonly RuleLimit[]): string[] {
  return limits.flatMap(({ limit }) => (limit.kind === "concurrent" ? [leaseOf(limit)] : []));
}
