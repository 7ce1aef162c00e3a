import { describe, expect, test } from "vitest";
import { checkPattern, checkPatternsTogether } from "./check-pattern.ts";

describe("a pattern", () => {
  test.each([
    ["(a", "missing closing ): `(a`"],
    ["(?=a)", "invalid or unsupported Perl syntax: `(?=`"],
    ["(a)\\1", "invalid escape sequence: `\\1`"],
    ["a{1001}", "invalid repeat count: `{1001}`"],
  ])("row 61: %s is told why it cannot be used", (source, reason) => {
    expect(checkPattern(source)).toBe(reason);
  });

  test("that RE2 knows is fine", () => {
    expect(checkPattern("\\bsudo\\s+(su|-i)\\b")).toBeUndefined();
  });

  test("that is too large is told so, alone or with others", () => {
    expect(checkPattern("a{600}(b{600})")).toMatch(/^too large: it compiles to \d+ steps, more than 1000$/);
    const many = Array.from({ length: 12 }, () => "a{900}");
    expect(checkPatternsTogether(many)).toMatch(/^too large together: they compile to \d+ steps, more than 10000$/);
    expect(checkPatternsTogether(many.slice(0, 2))).toBeUndefined();
  });
});
