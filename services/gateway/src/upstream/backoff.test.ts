import { expect, test } from "vitest";
import { backoffMs } from "./backoff.ts";

test("waits double as long after each failure, at most five seconds", () => {
  expect([0, 1, 2, 3, 4, 5, 6, 1_000].map((failures) => backoffMs(failures, 1))).toEqual([
    250, 500, 1_000, 2_000, 4_000, 5_000, 5_000, 5_000,
  ]);
});

test("a quarter of the wait is random, so that many do not come back at once", () => {
  expect(backoffMs(2, 0)).toBe(750);
  const waits = Array.from({ length: 50 }, () => backoffMs(2));
  expect(Math.min(...waits)).toBeGreaterThanOrEqual(750);
  expect(Math.max(...waits)).toBeLessThanOrEqual(1_000);
  expect(new Set(waits).size).toBeGreaterThan(1);
});
