import type { Bounds } from "./bounds.ts";
import { dayOf, type History, type Hour, hourOfDay, hoursApart } from "./history.ts";

interface Enough {
  minDays: number;
  learnDays: number;
}

export interface NewHourFinding {
  calls: number;
  hour_of_day: number;
  /** Hours of the day in which the principal was seen, UTC. */
  seen: number[];
  active_days: number;
}

/** Calls in an hour of the day in which there never were any; undefined where there is nothing strange. */
export function judgeNewHour(
  { hour, calls }: Pick<Hour, "hour" | "calls">,
  { hours }: Pick<History, "hours">,
  { bounds, minDays, learnDays }: Enough & { bounds: Bounds["newHour"] },
): NewHourFinding | undefined {
  if (calls < bounds.calls) return undefined;
  const activeDays = new Set(hours.map((each) => dayOf(each.hour))).size;
  if (activeDays < Math.min(Math.max(minDays, bounds.activeDays), learnDays)) return undefined;
  if (hours.some((each) => hoursApart(each.hour, hour) <= bounds.beside)) return undefined;
  const seen = [...new Set(hours.map((each) => hourOfDay(each.hour)))].toSorted((one, other) => one - other);
  return { calls, hour_of_day: hourOfDay(hour), seen, active_days: activeDays };
}
