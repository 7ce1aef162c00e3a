import type { LimitRule } from "@mcp-governance-bridge/shared/configuration";
import { dateOf } from "../checks/schedule-dates.ts";
import { MINUTES_OF_DAY, openZone } from "../checks/schedule-zone.ts";
import type { Limit } from "../counter-store.ts";

/** A call that never tells its end counts as under way for so long. */
export const LEASE_MS = 15 * 60_000;

export const WINDOWS = { second: 1_000, minute: 60_000, hour: 3_600_000, day: 86_400_000 } as const;

/** What one call takes. */
export interface Taking {
  group: string;
  key: string;
  cost: number;
  now: Date;
}

/** One count of a rule. */
export interface Count {
  limitOf: (taking: Taking) => Limit;
  /** What it allows so many of, e.g. `requests per minute`. */
  what: (noun: string, now: Date) => string;
  /** Counts permits over time, of which a call may take many or none; otherwise calls under way. */
  isRate: boolean;
}

/** The counts of a rule: several windows of one rule are several counts. */
export function countsOf({ permits, daily, concurrent }: LimitRule, timeZone: string): Count[] {
  const units = ["second", "minute", "hour", "day"] as const;
  const windows = units.flatMap((unit) => (permits[unit] === undefined ? [] : [windowCount(unit, permits[unit])]));
  return [
    ...windows,
    ...(daily === undefined ? [] : [dailyCount(daily, timeZone)]),
    ...(concurrent === undefined ? [] : [concurrentCount(concurrent)]),
  ];
}

function windowCount(unit: keyof typeof WINDOWS, permits: number): Count {
  const windowMs = WINDOWS[unit];
  return {
    limitOf: ({ group, key, cost }) => ({ kind: "window", group, key, permits, windowMs, cost }),
    what: (noun) => `${noun} per ${unit}`,
    isRate: true,
  };
}

function dailyCount(permits: number, timeZone: string): Count {
  const today = compileToday(timeZone);
  return {
    limitOf({ group, key, cost, now }) {
      const { date, endsAt } = today(now);
      return { kind: "quota", group, key: `${key}${date}`, permits, endsAt, cost };
    },
    what: (noun, now) => `${noun} on ${today(now).date} in ${timeZone}`,
    isRate: true,
  };
}

function concurrentCount(permits: number): Count {
  return {
    limitOf: ({ group, key }) => ({ kind: "concurrent", group, key, permits, leaseMs: LEASE_MS }),
    what: () => "calls under way",
    isRate: false,
  };
}

/** The local date of an instant and the next midnight, or what comes instead of it. Computed once a day. */
function compileToday(timeZone: string): (now: Date) => { date: string; endsAt: number } {
  const zone = openZone(timeZone);
  let today = { date: "", startsAt: 0, endsAt: 0 };
  return (now) => {
    const instant = now.getTime();
    if (instant < today.startsAt || instant >= today.endsAt) {
      const day = Math.floor(zone.localMinute(instant) / MINUTES_OF_DAY);
      const endsAt = zone.instantOf((day + 1) * MINUTES_OF_DAY, instant);
      today = { date: dateOf(day), startsAt: instant, endsAt };
    }
    return today;
  };
}
