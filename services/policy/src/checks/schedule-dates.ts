import { DAY_MS } from "./schedule-zone.ts";

/** Both ends included: days since 1970, or minutes of a day. */
export type Range = readonly [first: number, last: number];

/** Days since 1970 of `YYYY-MM-DD`; undefined where the calendar has no such day. */
function dayOf(date: string): number | undefined {
  const ms = Date.parse(`${date}T00:00:00Z`);
  return Number.isNaN(ms) || dateOf(ms / DAY_MS) !== date ? undefined : ms / DAY_MS;
}

/** `YYYY-MM-DD` of a day since 1970. */
export function dateOf(day: number): string {
  return new Date(day * DAY_MS).toISOString().slice(0, 10);
}

/** The days of `YYYY-MM-DD` or `YYYY-MM-DD/YYYY-MM-DD`, or the reason why there are none. */
export function readDates(text: string): Range | string {
  const [from = "", to = from] = text.split("/");
  const first = dayOf(from);
  const last = dayOf(to);
  if (first === undefined) return `${from} is no date of the calendar`;
  if (last === undefined) return `${to} is no date of the calendar`;
  return first <= last ? [first, last] : `runs backwards: ${to} comes before ${from}`;
}

/** The minutes of `HH:MM-HH:MM`, in two ranges where it goes past midnight, or the reason why there are none. */
export function readTimes(text: string): readonly Range[] | string {
  const [from = 0, to = 0] = text.split("-").map(minuteOf);
  if (from === to) return "is empty: it ends where it begins; the whole day is 00:00-24:00";
  if (from < to) return [[from, to - 1]];
  return [
    [from, 24 * 60 - 1],
    [0, to - 1],
  ];
}

function minuteOf(time: string): number {
  const [hours, minutes] = time.split(":");
  return Number(hours) * 60 + Number(minutes);
}
