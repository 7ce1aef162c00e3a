import type { Log } from "@mcp-governance-bridge/shared";
import type { CounterStore, Limit } from "./counter-store.ts";
import { type Counted, leasesOf, looked, refusalOf, taken } from "./counting-answer.ts";
import { countWithoutStore } from "./counting-failure.ts";
import { createReleases } from "./counting-releases.ts";
import type { RuleLimit } from "./rules/rule-limit.ts";

export type { Counted } from "./counting-answer.ts";
export type { RuleLimit } from "./rules/rule-limit.ts";

export interface CountOptions {
  /** The call's id. */
  holder: string;
  /** False only looks: the call is refused in any case. */
  isTaken: boolean;
}

/** Asks the limits of calls, with at most one round trip each. */
export interface Counting {
  /** Takes what the call costs, or nothing where a limit refuses. Never rejects: each rule says what holds without counters. */
  count(limits: readonly RuleLimit[], options: CountOptions): Promise<Counted>;
  /** What cannot be given back at once is given back as soon as the counters can be reached. Rejects for what is no lease. */
  release(leases: readonly string[], holder: string): Promise<void>;
}

export interface CountingOptions {
  store: CounterStore;
  /** Counts of this replica alone, for limits that go on so while the store cannot be reached. */
  local: CounterStore;
  log: Log;
}

export function createCounting({ store, local, log }: CountingOptions): Counting {
  const giveBack = createReleases(store);
  let isLost = false;

  async function ask({ enforced, trials }: Asked, { holder, isTaken }: CountOptions): Promise<Counted> {
    const limits = limitsOf(enforced);
    if (!isTaken) return looked(enforced, await store.peek(limits));
    const taking = await store.take(limits, holder, trials.map(limitsOf));
    const counted = taken(enforced, taking);
    for (const [index, grant] of taking.trials.entries()) {
      const trial = trials[index] ?? [];
      const refusal = refusalOf(trial, grant);
      if (refusal) counted.shadows.push({ rule: refusal.rule, code: refusal.code, reason: refusal.reason });
      else counted.leases.push(...leasesOf(trial));
    }
    return counted;
  }

  function failed(error: unknown): void {
    // Once per outage: each call of it is recorded as a decision anyway.
    if (!isLost) log.warn({ err: error }, "the rate counters cannot be reached");
    isLost = true;
  }

  return {
    async count(limits, options) {
      if (limits.length === 0) return looked([], { granted: true, used: [] });
      const asked = apart(limits);
      try {
        const counted = await ask(asked, options);
        isLost = false;
        return counted;
      } catch (error) {
        failed(error);
        // The answer may have been lost after the permits were taken.
        if (options.isTaken) void giveBack(leasesOf(limits), options.holder);
        return countWithoutStore(asked.enforced, { local, ...options });
      }
    },
    async release(leases, holder) {
      if (leases.length === 0) return;
      await local.release(leases, holder);
      await giveBack(leases, holder);
    },
  };
}

interface Asked {
  enforced: readonly RuleLimit[];
  /** By rule: each is tried as if it were the only one on trial. */
  trials: readonly (readonly RuleLimit[])[];
}

function apart(limits: readonly RuleLimit[]): Asked {
  if (!limits.some(({ isShadow }) => isShadow)) return { enforced: limits, trials: [] };
  const trials = new Map<string, RuleLimit[]>();
  for (const limit of limits) {
    if (limit.isShadow) trials.set(limit.rule, [...(trials.get(limit.rule) ?? []), limit]);
  }
  return { enforced: limits.filter(({ isShadow }) => !isShadow), trials: [...trials.values()] };
}

function limitsOf(limits: readonly RuleLimit[]): Limit[] {
  return limits.map(({ limit }) => limit);
}
