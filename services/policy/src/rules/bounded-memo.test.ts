import fc from "fast-check";
import { expect, test } from "vitest";
import { createMemo } from "./bounded-memo.ts";

test("what is remembered is what was computed for that key", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5 }), fc.array(fc.nat({ max: 12 })), (limit, keys) => {
      const memo = createMemo<{ of: string }>(limit);
      for (const key of keys.map(String)) expect(memo(key, () => ({ of: key }))).toEqual({ of: key });
    }),
  );
});

test("a key asked for lately is not computed again, others are forgotten", () => {
  const computed: string[] = [];
  const memo = createMemo<{ of: string }>(2);
  const ask = (key: string) =>
    memo(key, () => {
      computed.push(key);
      return { of: key };
    });
  for (const key of ["a", "a", "b", "c", "a", "d", "e", "f", "g", "a"]) ask(key);
  expect(computed.filter((key) => key === "a")).toHaveLength(2);
});
