import type { RuleOf } from "../rules/rule.ts";

type Sensitivity = RuleOf<"anomaly">["sensitivity"];

/** What makes an anomaly, by sensitivity. `docs/alerts.md` explains each of them. */
export interface Bounds {
  volume: {
    /** Robust standard deviations on the log scale. */
    deviations: number;
    /** So many times the usual calls are needed at least, and so many are always enough. */
    least: number;
    enough: number;
    /** Fewer calls in the hour are never an anomaly. */
    calls: number;
  };
  errorRatio: {
    /** The greatest probability that it is chance. */
    chance: number;
    /** Fewer errors in the hour are never an anomaly. */
    errors: number;
  };
  newHour: {
    /** Hours beside one that was seen that count as seen. */
    beside: number;
    /** Days on which the principal was active, below which nothing is judged. */
    activeDays: number;
    calls: number;
  };
}

export const BOUNDS: Readonly<Record<Sensitivity, Bounds>> = {
  low: {
    volume: { deviations: 6, least: 4, enough: 7, calls: 100 },
    errorRatio: { chance: 1e-9, errors: 20 },
    newHour: { beside: 2, activeDays: 8, calls: 20 },
  },
  medium: {
    volume: { deviations: 4.5, least: 3, enough: 4, calls: 50 },
    errorRatio: { chance: 1e-6, errors: 10 },
    newHour: { beside: 1, activeDays: 5, calls: 5 },
  },
  high: {
    volume: { deviations: 3.5, least: 2, enough: 3, calls: 20 },
    errorRatio: { chance: 1e-4, errors: 5 },
    newHour: { beside: 0, activeDays: 3, calls: 1 },
  },
};
