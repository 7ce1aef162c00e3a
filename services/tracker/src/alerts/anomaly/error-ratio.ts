import type { Bounds } from "./bounds.ts";
import type { History, Hour } from "./history.ts";
import { logTailBound, quantile } from "./statistics.ts";

const LEAST_ENDED = 20;
/** Calls below which an hour's own ratio, and a whole baseline, say nothing. */
const LEAST_HOUR = 30;
const LEAST_BASELINE = 50;
const LEAST_HOURS = 5;
const HIGH_SHARE = 0.95;
/** No ratio is taken to be lower, and none that is not so much higher is strange. */
const LEAST_RATIO = 0.01;
const LEAST_RISE = 0.05;
const LEAST_FACTOR = 1.5;

export interface ErrorRatioFinding {
  errors: number;
  ended: number;
  ratio: number;
  /** What the baseline lets expect at most. */
  usual: number;
  /** Bound on the probability that it is chance. */
  chance: number;
}

/** More errors than the baseline's ratio explains; undefined where there is nothing strange. */
export function judgeErrorRatio(
  { ended, errors }: Pick<Hour, "ended" | "errors">,
  { hours }: Pick<History, "hours">,
  bounds: Bounds["errorRatio"],
): ErrorRatioFinding | undefined {
  if (ended < LEAST_ENDED || errors < bounds.errors) return undefined;
  const usual = usualRatio(hours);
  if (usual === undefined) return undefined;
  const ratio = errors / ended;
  const chance = Math.exp(logTailBound(errors, ended, usual));
  if (ratio < Math.max(usual + LEAST_RISE, usual * LEAST_FACTOR) || chance > bounds.chance) return undefined;
  return { errors, ended, ratio, usual, chance };
}

/** The ratio of all hours together, or the one that 19 hours of 20 stay below where that is greater: errors come in bursts. */
function usualRatio(hours: History["hours"]): number | undefined {
  const sum = (of: "ended" | "errors") => hours.reduce((total, each) => total + each[of], 0);
  const ended = sum("ended");
  if (ended < LEAST_BASELINE) return undefined;
  const ratios = hours.filter((each) => each.ended >= LEAST_HOUR).map((each) => each.errors / each.ended);
  const high = ratios.length >= LEAST_HOURS ? quantile(ratios, HIGH_SHARE) : 0;
  return Math.max((sum("errors") + 1) / (ended + 2), high, LEAST_RATIO);
}
