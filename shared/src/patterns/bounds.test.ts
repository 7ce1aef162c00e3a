import { describe, expect, test } from "vitest";
import { TooMuchToCheck } from "./budget.ts";
import { compileSearch } from "./search.ts";

const search = compileSearch([{ name: "custom", source: "(a+)+!" }]);
const MEGABYTE = 1 << 20;
const filled = (text: string) => text.repeat(Math.ceil(MEGABYTE / text.length));

function millisecondsOf(act: () => unknown): number {
  const startedAt = performance.now();
  act();
  return performance.now() - startedAt;
}

describe("the work for one value", () => {
  test.each([
    ["text where backtracking would not end", "a"],
    ["open comments", "/*"],
    ["line comments", "-- "],
    ["comments with line breaks", "/*a*/ -- b\n"],
    ["quotes", "a'"],
    ["backslashes", "\\\\\n'"],
    ["base64", btoa("harmless text")],
    ["words that might be base64", "abcdefghij "],
    ["lines that might be base64", `${"a".repeat(60)}\n`],
    ["percent signs", "%25"],
    ["braces", "{"],
    ["brackets", '["'],
    ["look-alikes", "дропт "],
    ["invisible characters", "a\u200b"],
    ["marks", "a\u0301\u0336"],
    ["white space", " \n\t"],
  ])("grows no faster than %s does", (_what, text) => {
    const value = { text: filled(text) };
    expect(millisecondsOf(() => search.find(value))).toBeLessThan(3_000);
  });

  test.each(["plain", "café", "⚠️ care, 👩‍👩‍👧", "soft\u00adhyphen"])(
    "is enough for a source file with %s in it",
    (comment) => {
      const line = `/* header */\nfunction f(i) { i--; // ${comment}\n  const a = 'x' + "line\\n" + it's; # c\n}\n`;
      expect(search.find({ content: filled(line) })).toBeUndefined();
    },
  );

  test("ends at a number of layers", () => {
    let value = "harmless";
    for (let layer = 0; layer < 12; layer += 1) value = JSON.stringify([value]);
    expect(() => search.find(value)).toThrow(TooMuchToCheck);
    expect(() => search.find({ a: 1, b: ["%2525252525252525252525252525252541"] })).toThrow("more than 8 layers");
  });

  test("ends where one character stands for many", () => {
    expect(() => search.find(filled("\ufdfa"))).toThrow(TooMuchToCheck);
    expect(search.find("\ufdfa ".repeat(20))).toBeUndefined();
  });
});
