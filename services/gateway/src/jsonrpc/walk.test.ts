import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { pointerTo, stepsOf, Walk } from "./walk.ts";

function walked(text: string, span = { start: 0, end: text.length }): string[] {
  const walk = new Walk(text, span);
  const tokens: string[] = [];
  while (walk.next()) tokens.push(`${walk.kind} ${pointerTo(walk.path)} ${walk.value}`);
  return tokens;
}

/** The same by way of values. */
function modelled(value: unknown, path: readonly string[] = []): string[] {
  const at = pointerTo(path);
  if (typeof value === "string") return [`string ${at} ${value}`];
  if (typeof value !== "object" || value === null) return [`scalar ${at} ${JSON.stringify(value)}`];
  return Object.entries(value).flatMap(([key, inside]) => {
    const within = [...path, key];
    return [...(Array.isArray(value) ? [] : [`key ${pointerTo(within)} ${key}`]), ...modelled(inside, within)];
  });
}

describe("a walk", () => {
  test("finds every key and scalar of any JSON, in order and in its place", () => {
    const spacing = fc.constantFrom(undefined, 1, "\t");
    fc.assert(
      fc.property(fc.jsonValue(), spacing, (value, space) => {
        const text = JSON.stringify(value, null, space);
        expect(walked(text)).toEqual(modelled(JSON.parse(text)));
      }),
      { numRuns: 500 },
    );
  });

  test("leaves numbers as they are written, and reads what is escaped", () => {
    expect(walked(` [1.10, 9223372036854775807 ,-0e5,"a\\"\\u0062\\\\", {"\\u006b":null}] `)).toEqual([
      "scalar /0 1.10",
      "scalar /1 9223372036854775807",
      "scalar /2 -0e5",
      `string /3 a"b\\`,
      "key /4/k k",
      "scalar /4/k null",
    ]);
  });

  test("keeps to its span", () => {
    const text = `{"id":1,"result":{"a":[[],{}, "x"]},"more":"y"}`;
    expect(walked(text, { start: 17, end: 35 })).toEqual(["key /a a", "string /a/2 x"]);
  });

  test("stands a depth that no recursion would", () => {
    const depth = 100_000;
    expect(walked(`${"[".repeat(depth)}1${"]".repeat(depth)}`)).toHaveLength(1);
  });
});

test("pointers and steps are each other's inverse", () => {
  fc.assert(
    fc.property(fc.array(fc.string()), (path) => {
      expect(stepsOf(pointerTo(path))).toEqual(path);
    }),
  );
});
