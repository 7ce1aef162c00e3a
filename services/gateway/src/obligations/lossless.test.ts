import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { apply, redact } from "../../test/a-rule.ts";

const SECRET = redact({ patterns: ["s3cr3t"] });

describe("what is left alone stays byte for byte as it was", () => {
  /** JSON texts beside what they must become: a tree of odd numbers, odd escapes, odd spacing, and secrets here and there. */
  const scalar = fc.constantFrom("9223372036854775807", "1.10", "-0", "1E400", "true", "null", `"\\u0041\\/"`, `""`);
  const hidden = fc.constantFrom(["s3cr3t", "[masked]"], ["a s3cr3t, b\ns3cr3t", "a [masked], b\n[masked]"]);
  const space = fc.constantFrom("", " ", "\n\t");
  const leaf = fc.oneof(
    { weight: 3, arbitrary: scalar.map((raw) => [raw, raw]) },
    hidden.map(([was, is]) => [JSON.stringify(was), JSON.stringify(is)]),
  );
  const { tree } = fc.letrec<{ tree: string[] }>((tie) => ({
    tree: fc.oneof(
      { maxDepth: 4 },
      leaf,
      fc.tuple(space, fc.array(tie("tree"), { maxLength: 4 })).map(([gap, inside]) => wrapped(inside, gap)),
      fc
        .tuple(space, fc.array(fc.tuple(fc.constantFrom("a", "b", "\\u0061", "", "0"), tie("tree")), { maxLength: 4 }))
        .map(([gap, members]) => membered(members, gap)),
    ),
  }));
  const wrapped = (inside: readonly string[][], gap: string) =>
    [0, 1].map((side) => `[${gap}${inside.map((each) => each[side]).join(`${gap},`)}${gap}]`);
  const membered = (members: readonly (readonly [string, string[]])[], gap: string) =>
    [0, 1].map((side) => `{${gap}${members.map(([key, value]) => `"${key}"${gap}:${value[side]}`).join(`,${gap}`)}}`);

  test("in any result", () => {
    fc.assert(
      fc.property(tree, ([was, is]) => {
        const result = (inside: string | undefined) => `{"structuredContent" :${inside}, "isError":false}`;
        expect(apply(result(was), [SECRET]).text).toBe(result(is));
      }),
      { numRuns: 500 },
    );
  });

  test("and what was masked is not masked again", () => {
    fc.assert(
      fc.property(tree, ([was]) => {
        const once = apply(`{"structuredContent":${was}}`, [SECRET]).text;
        const twice = apply(once, [SECRET]);
        expect(twice).toEqual({ text: once, masked: [], objection: undefined });
      }),
    );
  });

  test("the very same text comes back where nothing is found", () => {
    const given = `{ "content":[ {"type":"text","text":"\\u0041 1.10"} ],"x":9223372036854775807 }`;
    expect(apply(given, [SECRET])).toEqual({ text: given, masked: [], objection: undefined });
  });
});

test("what only begins like base64 takes time in proportion to its length", () => {
  const given = `{"contents":[{"uri":"a://b","blob":"${" ".repeat(200_000)}!"}]}`;
  const began = performance.now();
  apply(given, [SECRET]);
  expect(performance.now() - began).toBeLessThan(1_000);
});
