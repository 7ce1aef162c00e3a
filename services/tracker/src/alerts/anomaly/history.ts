/** The calls of one subject in one hour. */
export interface Hour {
  /** Hours since 1970, UTC. */
  hour: number;
  calls: number;
  /** Permitted calls that ended, and those of them that failed. */
  ended: number;
  errors: number;
}

/** Hours in which a subject had calls, before the one that is judged and without what was alarming. Oldest first. */
export interface History {
  hours: readonly Hour[];
  /** The first hour that counts: the baseline's, or the one in which the subject was first seen. */
  from: number;
  /** Hours that were alarming, as ranges with both ends. */
  leftOut: readonly { from: number; to: number }[];
}

export const HOUR_MS = 3_600_000;
const HOURS_OF_DAY = 24;
const DAYS_OF_WEEK = 7;
/** 1 January 1970 was a Thursday. */
const FIRST_WEEKDAY = 4;
const SATURDAY = 6;

export function hourOf(time: Date | number): number {
  return Math.floor(Number(time) / HOUR_MS);
}

/** The hour that an anomaly of that time is about: one that is over is told of at its end, the beginning of another. */
export function hourBefore(time: Date): number {
  return hourOf(time.getTime() - 1);
}

export function dayOf(hour: number): number {
  return Math.floor(hour / HOURS_OF_DAY);
}

export function hourOfDay(hour: number): number {
  return ((hour % HOURS_OF_DAY) + HOURS_OF_DAY) % HOURS_OF_DAY;
}

/** Saturday or Sunday, UTC. */
export function isWeekend(hour: number): boolean {
  const weekday = (dayOf(hour) + FIRST_WEEKDAY) % DAYS_OF_WEEK;
  return weekday === 0 || weekday === SATURDAY;
}

/** How far apart two hours of the day are, around midnight too. */
export function hoursApart(one: number, other: number): number {
  const apart = Math.abs(hourOfDay(one) - hourOfDay(other));
  return Math.min(apart, HOURS_OF_DAY - apart);
}

interface Learning {
  /** The hour that is judged. */
  hour: number;
  learnDays: number;
  leftOut: History["leftOut"];
}

/** What there is to compare an hour with; undefined where the subject was never seen before. */
export function historyOf(hours: readonly Hour[], { hour, learnDays, leftOut }: Learning): History | undefined {
  const begin = hour - learnDays * HOURS_OF_DAY;
  const seen = hours.filter((each) => each.hour >= begin && each.hour < hour);
  const [first] = seen;
  if (!first) return undefined;
  return { hours: seen.filter((each) => !isLeftOut(each.hour, leftOut)), from: first.hour, leftOut };
}

export function isLeftOut(hour: number, leftOut: History["leftOut"]): boolean {
  return leftOut.some(({ from, to }) => hour >= from && hour <= to);
}
