import type { Bounds } from "./bounds.ts";
import { type History, type Hour, hourOfDay, hoursApart, isLeftOut, isWeekend } from "./history.ts";
import { median, NORMAL_SCALE } from "./statistics.ts";

/** A deviation below that is taken for this: nothing is so regular that 28 percent more were strange. */
const LEAST_DEVIATION = 0.25;
/** Fewer hours to compare with say nothing. */
const LEAST_SAMPLES = 6;
const LEAST_OF_KIND = 3;
const NEIGHBOURS = 1;

export interface VolumeFinding {
  calls: number;
  /** Calls of an hour of this kind. */
  usual: number;
  /** So many times the usual raise an alert. */
  factor: number;
  /** Hours that it was compared with. */
  samples: number;
}

/** Far more calls than in other hours of the same kind, on a log scale; undefined where there is nothing strange. */
export function judgeVolume(
  { hour, calls }: Pick<Hour, "hour" | "calls">,
  history: History,
  bounds: Bounds["volume"],
): VolumeFinding | undefined {
  if (calls < bounds.calls) return undefined;
  const samples = comparable(hour, history);
  if (samples.length < LEAST_SAMPLES) return undefined;

  const usual = Math.exp(median(samples.map((each) => Math.log(1 + each)))) - 1;
  const rise = (1 + calls) / (1 + usual);
  if (rise < bounds.least) return undefined;
  const deviation = Math.max(noiseOf(history), 1 / Math.sqrt(1 + usual), LEAST_DEVIATION);
  const factor = Math.min(Math.max(Math.exp(bounds.deviations * deviation), bounds.least), bounds.enough);
  if (rise < factor) return undefined;
  return { calls, usual, factor, samples: samples.length };
}

/** How much hours of one kind differ from each other, on the log scale: of all kinds together, since each has few. */
function noiseOf({ hours }: History): number {
  const kinds = new Map<string, number[]>();
  for (const { hour, calls } of hours) {
    const kind = `${isWeekend(hour)} ${hourOfDay(hour)}`;
    kinds.set(kind, [...(kinds.get(kind) ?? []), Math.log(1 + calls)]);
  }
  const distances = [...kinds.values()]
    .filter((logs) => logs.length >= LEAST_OF_KIND)
    .flatMap((logs) => {
      const middle = median(logs);
      return logs.map((each) => Math.abs(each - middle));
    });
  return NORMAL_SCALE * median(distances);
}

/**
 * Calls of the hours to compare with: of the same hour of the day on days of the same kind; where these are too few, of
 * its neighbours too, and then of all days. Where most of them are without calls, those with calls; where these are
 * too few, all hours with calls.
 */
function comparable(hour: number, history: History): number[] {
  const near = nearHours(hour, history);
  const alike = near.filter(({ at }) => isWeekend(at) === isWeekend(hour));
  const same = alike.filter(({ at }) => hoursApart(at, hour) === 0);
  const chosen = [same, alike].find((hours) => hours.length >= LEAST_SAMPLES) ?? near;
  const active = chosen.filter(({ calls }) => calls > 0);
  if (active.length * 2 > chosen.length) return chosen.map(({ calls }) => calls);
  return (active.length >= LEAST_SAMPLES ? active : history.hours).map(({ calls }) => calls);
}

/** Every hour since the history began that is as late in the day, or an hour off; those without calls too. */
function nearHours(hour: number, history: History): { at: number; calls: number }[] {
  const callsAt = new Map(history.hours.map((each) => [each.hour, each.calls]));
  const near: { at: number; calls: number }[] = [];
  for (let at = history.from; at < hour; at += 1) {
    if (hoursApart(at, hour) > NEIGHBOURS || isLeftOut(at, history.leftOut)) continue;
    near.push({ at, calls: callsAt.get(at) ?? 0 });
  }
  return near;
}
