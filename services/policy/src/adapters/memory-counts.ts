import type { ConcurrencyLimit, Limit, QuotaLimit, WindowLimit } from "../counter-store.ts";
import { createForgetfulMap } from "./forgetful-map.ts";
import { createLeaseSet, type LeaseSet } from "./lease-set.ts";
import { createSlidingWindow, type SlidingWindow } from "./sliding-window.ts";

/** One limit at one moment. */
export interface Count {
  /** Permits in use. */
  used: number;
  /** Whether the holder has its permit already. */
  isHeld: boolean;
  /** Milliseconds until `permits` of those in use are back; undefined where nobody can know. */
  wait(permits: number): number | undefined;
  take(): void;
}

interface Clocks {
  /** Milliseconds that never run backwards, so the time of day will not do. */
  now: () => number;
  /** Milliseconds since 1970. */
  timeOfDay: () => number;
}

/** How long a quota is remembered after its end, as in Redis. */
const LATE_MS = 60_000;

/** All counts of this process, by limit. */
export function createMemoryCounts({ now, timeOfDay }: Clocks) {
  const countWindow = createWindowCounts(now);
  const countQuota = createQuotaCounts(timeOfDay);
  const concurrent = createLeaseCounts(now);

  return {
    count(limit: Limit, holder: string): Count {
      if (limit.kind === "window") return countWindow(limit);
      return limit.kind === "quota" ? countQuota(limit) : concurrent.count(limit, holder);
    },
    release: concurrent.release,
  };
}

function createWindowCounts(now: () => number): (limit: WindowLimit) => Count {
  const windows = createForgetfulMap<SlidingWindow>((window) => {
    window.advance(now());
    return window.used === 0;
  });

  return (limit) => {
    const window = windows.at(`${limit.windowMs}:${nameOf(limit)}`, () => createSlidingWindow(limit.windowMs));
    const at = now();
    window.advance(at);
    return {
      used: window.used,
      isHeld: false,
      wait: (permits) => window.leaveIn(permits, at),
      take: () => window.add(at, limit.cost),
    };
  };
}

interface Quota {
  used: number;
  endsAt: number;
}

function createQuotaCounts(timeOfDay: () => number): (limit: QuotaLimit) => Count {
  const quotas = createForgetfulMap<Quota>(({ endsAt }) => timeOfDay() >= endsAt + LATE_MS);

  return (limit) => {
    const quota = quotas.at(nameOf(limit), () => ({ used: 0, endsAt: 0 }));
    return {
      used: quota.used,
      isHeld: false,
      wait: () => Math.max(0, Math.ceil(limit.endsAt - timeOfDay())),
      take() {
        quota.used += limit.cost;
        quota.endsAt = Math.max(limit.endsAt, timeOfDay());
      },
    };
  };
}

function createLeaseCounts(now: () => number) {
  const leasesOf = createForgetfulMap<LeaseSet>((leases) => {
    leases.advance(now());
    return leases.size === 0;
  });

  return {
    count(limit: ConcurrencyLimit, holder: string): Count {
      const leases = leasesOf.at(nameOf(limit), createLeaseSet);
      leases.advance(now());
      return {
        used: leases.size,
        isHeld: leases.has(holder),
        wait: () => undefined,
        take: () => leases.add(holder, now() + limit.leaseMs),
      };
    },
    release(limit: Pick<Limit, "group" | "key">, holder: string): void {
      leasesOf.get(nameOf(limit))?.delete(holder);
    },
  };
}

function nameOf({ group, key }: Pick<Limit, "group" | "key">): string {
  return `${group.length}:${group}${key}`;
}
