import { DAY_MS, openZone, type Zone } from "../checks/schedule-zone.ts";

/** What clocks and calendars in a time zone show. */
export interface LocalTime {
  year: number;
  /** 1 to 12. */
  month: number;
  day: number;
  /** 0 is Sunday. */
  weekday: number;
  /** 0 is the first of January. */
  dayOfYear: number;
  hour: number;
  minute: number;
  second: number;
  millisecond: number;
}

/** There are no more of them than names of time zones. */
const zones = new Map<string, Zone>();

/** The local time of an instant. Throws a RangeError for an unknown time zone. */
export function localTime(instant: Date, timeZone: string): LocalTime {
  const zone = zones.get(timeZone) ?? openZone(timeZone);
  zones.set(timeZone, zone);
  const local = new Date(instant.getTime() + zone.offsetAt(instant.getTime()));
  const year = local.getUTCFullYear();
  return {
    year,
    month: local.getUTCMonth() + 1,
    day: local.getUTCDate(),
    weekday: local.getUTCDay(),
    dayOfYear: Math.floor((local.getTime() - Date.UTC(year, 0, 1)) / DAY_MS),
    hour: local.getUTCHours(),
    minute: local.getUTCMinutes(),
    second: local.getUTCSeconds(),
    millisecond: local.getUTCMilliseconds(),
  };
}
