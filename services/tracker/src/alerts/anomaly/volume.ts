import type { Bounds } from "./bounds.ts";
import { type History, type Hour, hoursApart, isLeftOut, isWeekend } from "./history.ts";
import { median, robustDeviation } from "./statistics.ts";

/** A deviation below that is taken for this: nothing is so regular that 28 percent more were strange. */
const LEAST_DEVIATION = 0.25;
/** Fewer hours to compare with say nothing. */
const LEAST_SAMPLES = 6;
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

  const logs = samples.map((each) => Math.log(1 + each));
  const usual = Math.exp(median(logs)) - 1;
  const deviation = Math.max(robustDeviation(logs), 1 / Math.sqrt(1 + usual), LEAST_DEVIATION);
  const factor = Math.min(Math.max(Math.exp(bounds.deviations * deviation), bounds.least), bounds.enough);
  if ((1 + calls) / (1 + usual) < factor) return undefined;
  return { calls, usual, factor, samples: samples.length };
}

/**
 * Calls of the hours to compare with: of the same hour of the day and its neighbours, on days of the same kind where
 * there are enough of them. Where most of them are without calls, those with calls; where these are too few, all hours with calls.
 */
function comparable(hour: number, history: History): number[] {
  const callsAt = new Map(history.hours.map((each) => [each.hour, each.calls]));
  const near: { at: number; calls: number }[] = [];
  for (let at = history.from; at < hour; at += 1) {
    if (hoursApart(at, hour) <= NEIGHBOURS && !isLeftOut(at, history.leftOut))
      near.push({ at, calls: callsAt.get(at) ?? 0 });
  }
  const alike = near.filter(({ at }) => isWeekend(at) === isWeekend(hour));
  const chosen = (alike.length >= LEAST_SAMPLES ? alike : near).map(({ calls }) => calls);
  const active = chosen.filter((calls) => calls > 0);
  if (active.length * 2 > chosen.length) return chosen;
  return active.length >= LEAST_SAMPLES ? active : history.hours.map(({ calls }) => calls);
}
