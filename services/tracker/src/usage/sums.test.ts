import fc from "fast-check";
import { expect, test } from "vitest";
import type { Document } from "../record-store.ts";
import { addCall, addDenial, addPermit, addSums, noSums, sumsOf } from "./sums.ts";

const at = (ms: number): Date => new Date(Date.UTC(2026, 2, 1) + ms);
// Whole numbers, since floating-point sums depend on their order.
const number = fc.integer({ min: 0, max: 100_000 });
const call: fc.Arbitrary<Document> = fc.record({
  status: fc.constantFrom("success", "error", "denied", "unknown", "invocation request received"),
  timestamp: number.map(at),
  duration_ms: fc.option(number),
  gateway_ms: fc.option(number),
  policy_ms: fc.option(number),
  upstream_ms: fc.option(number),
  input_size: fc.option(number),
  output_size: fc.option(number),
  denial: fc.option(fc.record({ code: fc.constantFrom("rate_limit", "policy_rule") })),
});
const calls = fc.array(call, { maxLength: 30 });

const sumOf = (some: readonly Document[]) => {
  const sums = noSums();
  for (const one of some) addCall(sums, one);
  return sumsOf(sums);
};
const merged = (...parts: ReturnType<typeof sumOf>[]) => {
  const sums = noSums();
  for (const part of parts) addSums(sums, part);
  return sumsOf(sums);
};

test("sums of parts added up are the sums of all, in whatever grouping and order", () => {
  fc.assert(
    fc.property(calls, calls, calls, (a, b, c) => {
      const whole = sumOf([...a, ...b, ...c]);
      expect(merged(sumOf(a), sumOf(b), sumOf(c))).toEqual(whole);
      expect(merged(sumOf(c), merged(sumOf(b), sumOf(a)))).toEqual(whole);
    }),
  );
});

test("every call has exactly one status, and every denial one code", () => {
  fc.assert(
    fc.property(calls, (some) => {
      const { calls, success, error, denied, unknown, denials } = sumOf(some);
      expect(success + error + denied + unknown).toBe(calls);
      expect(denials.reduce((sum, { count }) => sum + count, 0)).toBe(denied);
    }),
  );
});

test("a denied call's time, and that of one whose end nobody saw, is no latency", () => {
  const common = { timestamp: at(0), duration_ms: 5, gateway_ms: 1, policy_ms: 1, upstream_ms: 3 };
  const sums = sumOf([
    { ...common, status: "denied", denial: { code: "rate_limit" } },
    { ...common, status: "unknown" },
    { ...common, status: "error", duration_ms: 7 },
  ]);
  expect(sums).toMatchObject({ calls: 3, timed: 1, upstream_ms: 3, duration: { count: 1, min: 7, max: 7, sum: 7 } });
});

test("a call whose answer a rule on results denied has that code", () => {
  expect(sumOf([{ status: "denied", timestamp: at(0), denial: null }]).denials).toEqual([
    { code: "result_denied", count: 1 },
  ]);
});

test("a denial that did not take place is counted, but not among the denied", () => {
  const sums = noSums();
  addDenial(sums, { at: at(1), code: "rate_limit", principal: "ada", isShadow: true });
  addDenial(sums, { at: at(2), code: "rate_limit", principal: "bob", isShadow: false });
  addPermit(sums, at(3));
  expect(sumsOf(sums)).toMatchObject({ calls: 3, denied: 1, last_at: at(3), principals: ["ada", "bob"] });
});

test("names of principals are kept up to a bound", () => {
  const sums = noSums();
  for (let n = 0; n < 150; n++) addDenial(sums, { at: at(n), code: "x", principal: `p${n}`, isShadow: false });
  expect(sumsOf(sums).principals).toHaveLength(100);
  expect(sumsOf(sums).calls).toBe(150);
});
