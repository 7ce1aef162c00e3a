import { digestOf } from "@mcp-governance-bridge/shared";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { digestedPayload, encodeJson, encodePayload, toJsonText } from "./payload.ts";

const isVerbatim = (stored: unknown): boolean =>
  typeof stored === "object" && stored !== null && Object.keys(stored).join() === "_json";

const odd = fc.constantFrom("$", ".", "\0", "\ud800", "_json", "__proto__");
const characters = fc.oneof({ weight: 30, arbitrary: fc.string({ unit: "binary", minLength: 1, maxLength: 1 }) }, odd);

describe("a payload's text", () => {
  test.each([
    ["an object", '{"city":"Bern","days":3}'],
    ["spaces between its parts", '{ "city" : "Bern" }'],
    ["escapes that need not be", '{"city":"Z\\u00fcrich"}'],
    ["keys in the order of numbers", '{"2":"b","1":"a"}'],
    ["an emoji", '{"mood":"😀"}'],
    ["nothing", "null"],
    ["a number that a double keeps", "-12.5"],
  ])("is kept as a value with %s", (_what, text) => {
    expect(encodeJson(text)).toEqual(JSON.parse(text));
    expect(JSON.parse(toJsonText(encodeJson(text)))).toEqual(JSON.parse(text));
  });

  test.each([
    ["an integer of 64 bits", '{"id":9223372036854775807}'],
    ["a number with a last zero", '{"price":1.10}'],
    ["an exponent", "[1e400]"],
    ["a negative zero", "-0"],
    ["a lone surrogate", '["\\ud800"]'],
    ["a dotted key", '{"a.b":1}'],
    ["a `$` key", '{"$where":"1"}'],
    ["an empty key", '{"":1}'],
    ["a prototype", '{"__proto__":{"polluted":true}}'],
    ["a BSON type", '{"_bsontype":"ObjectId"}'],
    ["a key with NUL", '{"a\\u0000b":1}'],
    ["a member named twice", '{"a":{"b":1},"c":":","a":{"b":1}}'],
    ["our own mark", '{"_json":"1"}'],
    ["our other mark", '{"_truncated":true}'],
    ["a nesting that MongoDB refuses", `${"[".repeat(200)}${"]".repeat(200)}`],
    ["a nesting that overflows the stack", `${"[".repeat(100_000)}${"]".repeat(100_000)}`],
    ["a length at which nobody looks inside", JSON.stringify("x".repeat(300_000))],
  ])("is kept as it is with %s", (_what, text) => {
    expect(encodeJson(text)).toEqual({ _json: text });
    expect(toJsonText(encodeJson(text))).toBe(text);
  });

  test("comes back equal, whatever JSON it is", () => {
    fc.assert(
      fc.property(fc.json({ stringUnit: characters }), (text) => {
        const stored = encodeJson(text);
        if (isVerbatim(stored)) expect(toJsonText(stored)).toBe(text);
        else expect(JSON.parse(toJsonText(stored))).toEqual(JSON.parse(text));
      }),
      { numRuns: 500 },
    );
  });

  test("has the digest of the text that comes back, whatever JSON it is", () => {
    fc.assert(
      fc.property(fc.json({ stringUnit: characters }), fc.boolean(), (text, truncated) => {
        const { value, digest } = digestedPayload({ text, size: text.length, truncated });
        expect(digest).toBe(value === null ? null : digestOf(toJsonText(value)));
      }),
    );
  });

  test("comes back digit by digit, whatever number it is", () => {
    const digits = fc.stringMatching(/^-?(0|[1-9]\d{0,25})(\.\d{1,20})?([eE][+-]?\d{1,3})?$/);
    fc.assert(
      fc.property(digits, (number) => {
        const text = `{"n":${number}}`;
        expect(toJsonText(encodeJson(text))).toBe(text);
      }),
      { numRuns: 500 },
    );
  });

  test("is answered as a string where it is no JSON", () => {
    expect(JSON.parse(toJsonText(encodeJson("{broken")))).toBe("{broken");
  });

  test("never makes a document that MongoDB refuses for its size", () => {
    const stored = encodeJson(JSON.stringify("ü".repeat(5_000_000)));
    expect(stored).toMatchObject({ _truncated: true, _original_size: 5_000_002 });
  });
});

describe("a payload", () => {
  test("that was not there is null", () => {
    expect(encodePayload(null)).toBeNull();
    expect(digestedPayload(null)).toEqual({ value: null, digest: null });
  });

  test("that was cut keeps its beginning and says how long it was", () => {
    expect(encodePayload({ text: '{"a":"😀'.slice(0, 7), size: 90_000, truncated: true })).toEqual({
      _truncated: true,
      _prefix: '{"a":"\ufffd',
      _original_size: 90_000,
    });
  });
});
