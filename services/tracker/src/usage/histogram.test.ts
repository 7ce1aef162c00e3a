import fc from "fast-check";
import { expect, test } from "vitest";
import { addHistogram, addToBucket, bucketOf, type Counts, histogramOf, percentile } from "./histogram.ts";

const durations = fc.array(fc.double({ min: 0.001, max: 3_600_000, noNaN: true }), { minLength: 1, maxLength: 200 });
const percents = fc.constantFrom(0, 1, 50, 90, 95, 99, 99.9, 100);

const countsOf = (values: readonly number[], counts: Counts = new Map()): Counts => {
  for (const ms of values) addToBucket(counts, bucketOf(ms), 1);
  return counts;
};
const nearestRank = (values: readonly number[], percent: number): number => {
  const rank = Math.max(1, Math.ceil((percent / 100) * values.length));
  return [...values].sort((a, b) => a - b)[rank - 1] ?? Number.NaN;
};

test("a percentile is within 4.5 percent of the nearest rank", () => {
  fc.assert(
    fc.property(durations, percents, (values, percent) => {
      const exact = nearestRank(values, percent);
      const answered = percentile(histogramOf(countsOf(values)), percent) ?? Number.NaN;
      expect(Math.abs(answered - exact) / exact).toBeLessThan(0.045);
    }),
  );
});

test("a histogram is the same whichever part was counted first", () => {
  fc.assert(
    fc.property(durations, durations, (some, others) => {
      const merged = countsOf(some);
      addHistogram(merged, histogramOf(countsOf(others)));
      expect(histogramOf(merged)).toEqual(histogramOf(countsOf([...others, ...some])));
    }),
  );
});

test("bucket n ends at 2^(n/8) microseconds, and what is shorter than one counts as one", () => {
  expect([0, 0.0005, 0.001, 0.002, 0.004, 1, 1_000].map(bucketOf)).toEqual([0, 0, 0, 8, 16, 80, 160]);
  expect(bucketOf(0.002_000_1)).toBe(9);
});

test("there is no percentile of nothing", () => {
  expect(percentile({ buckets: [], counts: [] }, 50)).toBeNull();
});
