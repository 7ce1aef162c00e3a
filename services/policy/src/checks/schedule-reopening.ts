import { DAY_MS, MINUTE_MS, MINUTES_OF_DAY, type Zone } from "./schedule-zone.ts";

const HORIZON_MS = 366 * DAY_MS;

/** What a schedule admits: calls in these minutes of these days. */
export interface Opening {
  admitsDay: (day: number) => boolean;
  admitsMinute: (minute: number) => boolean;
}

/**
 * Answers, for an instant that is not admitted, with the next that is; undefined where there is none within a year.
 * One search serves all instants up to the one it found.
 */
export function findReopening(
  zone: Zone,
  { admitsDay, admitsMinute }: Opening,
): (instant: number) => number | undefined {
  const minutes = Array.from({ length: MINUTES_OF_DAY }, (_, minute) => admitsMinute(minute));
  let last: { from: number; to: number; at: number | undefined } = { from: 0, to: 0, at: undefined };

  /** The first admitted local minute from `first` on and before `end`. */
  function admittedBetween(first: number, end: number): number | undefined {
    for (let day = Math.floor(first / MINUTES_OF_DAY); day * MINUTES_OF_DAY < end; day += 1) {
      if (!admitsDay(day)) continue;
      const midnight = day * MINUTES_OF_DAY;
      const minute = minutes.indexOf(true, Math.max(0, first - midnight));
      if (minute >= 0 && midnight + minute < end) return midnight + minute;
    }
    return undefined;
  }

  function search(instant: number): number | undefined {
    if (!minutes.includes(true)) return undefined;
    const horizon = instant + HORIZON_MS;
    for (let start = Math.floor(instant / MINUTE_MS) * MINUTE_MS; start < horizon; ) {
      const { offsetMs, until } = zone.spanFrom(start);
      const found = admittedBetween((start + offsetMs) / MINUTE_MS, (until + offsetMs) / MINUTE_MS);
      if (found !== undefined) return found * MINUTE_MS - offsetMs;
      start = until;
    }
    return undefined;
  }

  return (instant) => {
    if (instant < last.from || instant >= last.to) {
      const at = search(instant);
      last = { from: instant, to: at ?? instant + DAY_MS, at };
    }
    return last.at;
  };
}
