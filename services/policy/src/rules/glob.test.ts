import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compileGlob, compileGlobs, coversTemplate, meetsTemplate } from "./glob.ts";

/** Obviously right, and exponential: what a glob means, letter by letter. */
function means(glob: string, text: string): boolean {
  const [wanted, ...rest] = glob;
  if (wanted === undefined) return text === "";
  const tail = rest.join("");
  if (wanted === "*") return means(tail, text) || (text !== "" && means(glob, text.slice(1)));
  return text !== "" && (wanted === "?" || wanted === text[0]) && means(tail, text.slice(1));
}

const globText = fc.string({ unit: fc.constantFrom("a", "b", "*", "?", "/"), maxLength: 7 });
const plainText = fc.string({ unit: fc.constantFrom("a", "b", "/", "\n"), maxLength: 7 });

describe("a glob", () => {
  test("matches what its letters mean", () => {
    fc.assert(
      fc.property(globText, plainText, (glob, text) => {
        expect(compileGlob(glob)(text)).toBe(means(glob, text));
      }),
      { numRuns: 2_000 },
    );
  });

  test("of a list matches where one of them does", () => {
    fc.assert(
      fc.property(fc.array(globText, { maxLength: 4 }), plainText, (globs, text) => {
        expect(compileGlobs(globs)(text)).toBe(globs.some((glob) => means(glob, text)));
      }),
    );
  });

  test("of many stars takes no longer than text times glob", () => {
    const startedAt = performance.now();
    expect(compileGlob(`${"*a".repeat(200)}*b`)("a".repeat(50_000))).toBe(false);
    expect(performance.now() - startedAt).toBeLessThan(2_000);
  });

  test("knows no special characters but star and question mark", () => {
    expect(compileGlob("a.c[1]$")("a.c[1]$")).toBe(true);
    expect(compileGlob("a.c*")("abc")).toBe(false);
  });
});

describe("a glob against a URI template", () => {
  const filling = fc.string({ unit: fc.constantFrom("a", "b", "/"), maxLength: 4 });
  const template = fc.array(fc.constantFrom("a", "b", "/", "{x}", "{+y}"), { maxLength: 5 });
  const fill = (parts: readonly string[], values: readonly string[]) => {
    let next = 0;
    return parts.map((part) => (part.startsWith("{") ? (values[next++] ?? "") : part)).join("");
  };

  test("that covers it matches every URI of it", () => {
    fc.assert(
      fc.property(globText, template, fc.array(filling, { maxLength: 5 }), (glob, parts, values) => {
        fc.pre(coversTemplate(glob, parts.join("")));
        expect(means(glob, fill(parts, values))).toBe(true);
      }),
      { numRuns: 3_000, maxSkipsPerRun: 1_000 },
    );
  });

  test("meets it wherever some URI of it matches", () => {
    fc.assert(
      fc.property(globText, template, fc.array(filling, { maxLength: 5 }), (glob, parts, values) => {
        if (means(glob, fill(parts, values))) expect(meetsTemplate(glob, parts.join(""))).toBe(true);
      }),
      { numRuns: 3_000 },
    );
  });

  test.each([
    ["file:///*", "file:///{path}", true, true],
    ["*", "file:///{path}", true, true],
    ["file:///etc/*", "file:///{path}", false, true],
    ["file:///?*", "file:///{path}", false, true],
    ["https://*", "file:///{path}", false, false],
    ["db://prod/*", "db://{name}/{table}", false, true],
    ["file:///etc/passwd", "file:///{path}", false, true],
    ["file:///a", "file:///b", false, false],
  ])("%s and %s: covers %s, meets %s", (glob, text, ...expected) => {
    expect([coversTemplate(glob, text), meetsTemplate(glob, text)]).toEqual(expected);
  });
});
