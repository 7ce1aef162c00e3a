import { type CounterStore, type Grant, type Limit, parseLease } from "../counter-store.ts";
import { type Count, createMemoryCounts } from "./memory-counts.ts";

interface Look {
  grant: Grant;
  counts: readonly Count[];
}

/** Counts in this process. `now` is in milliseconds and must not run backwards; `timeOfDay` is in milliseconds since 1970. */
export function createMemoryCounterStore(
  now: () => number = () => performance.now(),
  timeOfDay: () => number = Date.now,
): CounterStore {
  const { count, release } = createMemoryCounts({ now, timeOfDay });

  function look(limits: readonly Limit[], holder = ""): Look {
    const counts = limits.map((limit) => count(limit, holder));
    return { grant: grantOf(limits, counts), counts };
  }

  function take(limits: readonly Limit[], holder: string): Grant {
    const { grant, counts } = look(limits, holder);
    if (grant.granted) for (const [index, limit] of limits.entries()) if (costOf(limit) > 0) counts[index]?.take();
    return grant;
  }

  return {
    async take(limits, holder, trials = []) {
      const grant = take(limits, holder);
      return { ...grant, trials: grant.granted ? trials.map((trial) => take(trial, holder)) : [] };
    },
    async peek(limits) {
      return look(limits).grant;
    },
    async release(leases, holder) {
      for (const lease of leases) release(parseLease(lease), holder);
    },
    async ping() {},
    async close() {},
  };
}

const NEVER = Number.POSITIVE_INFINITY;
const UNKNOWN = -1;

function grantOf(limits: readonly Limit[], counts: readonly Count[]): Grant {
  const used = counts.map((count) => count.used);
  let refusedBy = -1;
  let longest = Number.NEGATIVE_INFINITY;
  for (const [index, limit] of limits.entries()) {
    const wait = waitFor(limit, counts[index]);
    if (wait === undefined || wait <= longest) continue;
    refusedBy = index;
    longest = wait;
  }
  if (refusedBy === -1) return { granted: true, used };
  const retryAfterMs = longest === NEVER || longest === UNKNOWN ? undefined : longest;
  return { granted: false, used, refusedBy, retryAfterMs };
}

/** Milliseconds until the limit has enough permits; undefined where it has. */
function waitFor(limit: Limit, count: Count | undefined): number | undefined {
  const cost = costOf(limit);
  if (!count || cost === 0 || count.isHeld) return undefined;
  const missing = count.used + cost - limit.permits;
  if (missing <= 0) return undefined;
  return cost > limit.permits ? NEVER : (count.wait(missing) ?? UNKNOWN);
}

function costOf(limit: Limit): number {
  return limit.kind === "concurrent" ? 1 : limit.cost;
}
