import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { distance, suggest } from "./suggestion.ts";

const word = fc.string({ maxLength: 8 });

describe("the distance of two words", () => {
  test("is 0 exactly for equal words, and the same both ways", () => {
    fc.assert(
      fc.property(word, word, (a, b) => {
        expect(distance(a, b) === 0).toBe(a === b);
        expect(distance(a, b)).toBe(distance(b, a));
      }),
    );
  });

  test("is never longer than a detour", () => {
    fc.assert(
      fc.property(word, word, word, (a, b, c) => {
        expect(distance(a, c)).toBeLessThanOrEqual(distance(a, b) + distance(b, c));
      }),
    );
  });
});

describe("a suggestion", () => {
  const keys = ["rate_limit", "allowed_hours", "url", "env"];

  test.each([
    ["rate_limt", "rate_limit"],
    ["rateLimit", "rate_limit"],
    ["allowed-hours", "allowed_hours"],
    ["urls", "url"],
    ["auth", undefined],
    ["", undefined],
  ])("for %j is %s", (written, meant) => {
    expect(suggest(written, keys)).toBe(meant);
  });
});
