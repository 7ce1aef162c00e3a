import type { ServerPolicySettings } from "@mcp-governance-bridge/shared/configuration";
import { dateOf, type Range, readDates, readTimes } from "./schedule-dates.ts";

/** One setting of a schedule, about days, which count from 1970, or about minutes, which count from midnight. */
export interface Setting {
  name: "allowed_hours" | "allowed_weekdays" | "allowed_times" | "allowed_dates" | "blocked_dates";
  admits: (time: number) => boolean;
  /** Why a time that it does not admit is refused. */
  reason: (time: number) => string;
}

type Settings = Pick<ServerPolicySettings, Setting["name"]>;

const WEEKDAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"] as const;
/** 1970-01-01 was a Thursday. */
const FIRST_WEEKDAY = 4;
const HOURS_OF_DAY = 24;

/** The settings about the time of day. Hours that are all allowed are none. */
export function minuteSettings({ allowed_hours, allowed_times }: Settings, zone: string): Setting[] {
  const settings: Setting[] = [];
  const hours = new Set(allowed_hours);
  if (hours.size < HOURS_OF_DAY) {
    settings.push({
      name: "allowed_hours",
      admits: (minute) => hours.has(hourOf(minute)),
      reason: (minute) => `Access not allowed at hour ${hourOf(minute)}. Allowed hours: ${listed(allowed_hours)}`,
    });
  }
  if (allowed_times) {
    const ranges = allowed_times.flatMap((text) => read(text, readTimes));
    settings.push({
      name: "allowed_times",
      admits: (minute) => isWithin(ranges, minute),
      reason: (minute) => `Access not allowed at ${clock(minute)} (${zone}). Allowed times: ${listed(allowed_times)}`,
    });
  }
  return settings;
}

/** The settings about days. */
export function daySettings({ allowed_weekdays, allowed_dates, blocked_dates }: Settings, zone: string): Setting[] {
  const settings: Setting[] = [];
  if (allowed_weekdays) {
    const days = new Set<string>(allowed_weekdays);
    settings.push({
      name: "allowed_weekdays",
      admits: (day) => days.has(weekdayOf(day)),
      reason: (day) =>
        `Access not allowed on ${weekdayOf(day)} (${zone}). Allowed weekdays: ${listed(allowed_weekdays)}`,
    });
  }
  if (allowed_dates) {
    const ranges = allowed_dates.map((text) => read(text, readDates));
    settings.push({
      name: "allowed_dates",
      admits: (day) => isWithin(ranges, day),
      reason: (day) => `Access not allowed on ${dateOf(day)} (${zone}). Allowed dates: ${listed(allowed_dates)}`,
    });
  }
  if (blocked_dates.length > 0) {
    const ranges = blocked_dates.map((text) => read(text, readDates));
    settings.push({
      name: "blocked_dates",
      admits: (day) => !isWithin(ranges, day),
      reason: (day) => `Access not allowed on ${dateOf(day)} (${zone}). Blocked dates: ${listed(blocked_dates)}`,
    });
  }
  return settings;
}

function read<Ranges extends Range | readonly Range[]>(
  text: string,
  reader: (text: string) => Ranges | string,
): Ranges {
  const ranges = reader(text);
  if (typeof ranges === "string") throw new RangeError(`${text}: ${ranges}`);
  return ranges;
}

function isWithin(ranges: readonly Range[], time: number): boolean {
  return ranges.some(([first, last]) => first <= time && time <= last);
}

function weekdayOf(day: number): string {
  return WEEKDAYS[(day + FIRST_WEEKDAY) % WEEKDAYS.length] ?? "";
}

function hourOf(minute: number): number {
  return Math.floor(minute / 60);
}

function clock(minute: number): string {
  const digits = (value: number) => String(value).padStart(2, "0");
  return `${digits(hourOf(minute))}:${digits(minute % 60)}`;
}

function listed(items: readonly (string | number)[]): string {
  return `[${items.join(", ")}]`;
}
