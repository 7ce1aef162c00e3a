import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compileMasker } from "./masker.ts";

const patterns = [
  { name: "password", source: "password\\s*=\\s*(?P<value>[^\\s,]+)" },
  { name: "number", source: "\\b\\d{4}\\b" },
  { name: "word", source: "drop table" },
];
const masker = compileMasker(patterns);

describe("a masked text", () => {
  test("has the mask where something was found, each find counted", () => {
    expect(masker.mask("1234 and 5678, password=x", "[masked]")).toEqual({
      text: "[masked] and [masked], password=[masked]",
      found: [
        { name: "password", count: 1 },
        { name: "number", count: 2 },
      ],
    });
  });

  test("is the identical text where nothing is found", () => {
    const text = "nothing to see";
    expect(masker.mask(text, "[masked]")).toEqual({ text, found: [] });
  });

  test("has one mask for finds that overlap", () => {
    const { text } = compileMasker([
      { name: "a", source: "ab+" },
      { name: "b", source: "b+c" },
    ]).mask("xabbcx", "-");
    expect(text).toBe("x-x");
  });

  test.each([
    ["look-alikes", "drоp table"],
    ["base64", `see ${btoa("drop table users")}`],
    ["embedded JSON", '{"a":"drop\\ntable"}'],
    ["a line break", "drop\ntable"],
  ])("is nothing but the mask where something is hidden in %s", (_what, text) => {
    expect(masker.mask(text, "[masked]")).toEqual({ text: "[masked]", found: [{ name: "word", count: 1 }] });
  });

  test("is nothing but the mask where the rest together with masks would be found", () => {
    expect(masker.mask("xpassword=1234 y", "12").text).not.toContain("1234");
    expect(compileMasker([{ name: "a", source: "ab" }]).mask("aabb", "").text).toBe("");
  });

  test("may have a mask that a pattern finds", () => {
    expect(masker.mask("password=secret", "1234").text).toBe("password=1234");
    expect(masker.mask("password=secret", "at 1234").text).toBe("at 1234");
  });

  test("keeps dollars of the mask as they are", () => {
    expect(masker.mask("a 1234 b", "$& $1 $$").text).toBe("a $& $1 $$ b");
  });

  test("is not masked again, whatever the mask", () => {
    const piece = fc.constantFrom(
      "password",
      "=",
      " ",
      "1234",
      "56",
      "drop",
      "table",
      "\n",
      "\u200b",
      "о",
      "x",
      '"',
      "{",
      "[masked]",
      "\u001f",
    );
    const text = fc.array(piece, { maxLength: 10 }).map((pieces) => pieces.join(""));
    const mask = fc.oneof(
      text,
      fc.constantFrom("", "*", "[masked]", "12", " "),
      fc.string({ unit: "binary", maxLength: 6 }),
    );
    fc.assert(
      fc.property(text, mask, (given, by) => {
        const once = masker.mask(given, by).text;
        expect(masker.mask(once, by).text).toBe(once);
      }),
      { numRuns: 5_000 },
    );
  });

  test("takes time in proportion to the text", () => {
    const startedAt = performance.now();
    const { found } = masker.mask("1234 password=x ".repeat(20_000), "[masked]");
    expect(found).toEqual([
      { name: "password", count: 20_000 },
      { name: "number", count: 20_000 },
    ]);
    expect(performance.now() - startedAt).toBeLessThan(5_000);
  });
});
