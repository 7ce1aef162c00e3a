import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { logTailBound, median, quantile } from "./statistics.ts";

const values = fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 50 });

describe("quantiles", () => {
  test("of known values", () => {
    expect(median([3, 1, 2])).toBe(2);
    expect(median([4, 1, 3, 2])).toBe(2.5);
    expect(median([])).toBe(0);
    expect(quantile([0, 10], 0.9)).toBeCloseTo(9);
  });

  test("lie between the least and the greatest, and do not depend on order", () => {
    fc.assert(
      fc.property(values, fc.double({ min: 0, max: 1, noNaN: true }), (list, share) => {
        const found = quantile(list, share);
        expect(found).toBeGreaterThanOrEqual(Math.min(...list));
        expect(found).toBeLessThanOrEqual(Math.max(...list));
        expect(quantile(list.toReversed(), share)).toBe(found);
      }),
    );
  });
});

describe("the bound of the binomial tail", () => {
  /** The probability itself, summed. */
  const tail = (failures: number, trials: number, p: number): number => {
    let sum = 0;
    let term = (1 - p) ** trials;
    for (let k = 0; k <= trials; k += 1) {
      if (k >= failures) sum += term;
      term *= ((trials - k) / (k + 1)) * (p / (1 - p));
    }
    return sum;
  };

  test("is never below the probability, and near its order of magnitude", () => {
    const cases = fc
      .tuple(fc.integer({ min: 20, max: 300 }), fc.double({ min: 0.01, max: 0.4, noNaN: true }))
      .chain(([trials, p]) =>
        fc.tuple(fc.integer({ min: Math.ceil(trials * p), max: trials }), fc.constant(trials), fc.constant(p)),
      );
    fc.assert(
      fc.property(cases, ([failures, trials, p]) => {
        const exact = tail(failures, trials, p);
        const bound = Math.exp(logTailBound(failures, trials, p));
        expect(bound).toBeGreaterThanOrEqual(exact * 0.999_999);
        expect(bound).toBeLessThanOrEqual(exact * 100 + 1e-12);
      }),
    );
  });

  test("is certainty where so many are to be expected", () => {
    expect(logTailBound(5, 100, 0.05)).toBe(0);
    expect(logTailBound(100, 100, 0.5)).toBeCloseTo(100 * Math.log(0.5));
  });
});
