import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { elementsOf, scan } from "./scan.ts";

const WANTED = { id: true, params: { name: true, _meta: { progressToken: true } } } as const;
const PATHS = ["id", "params", "params.name", "params._meta", "params._meta.progressToken"];

/** Strings that try to look like JSON, and keys that try to look like paths. */
const odd = fc.constantFrom('"', "\\", "\\\\", '\\"', "{", "}", "[", "]", ":", ",", "\n", "\u2028", "\ud800", "é", "");
const text = fc.array(fc.oneof(odd, fc.string()), { maxLength: 4 }).map((parts) => parts.join(""));
const key = fc.oneof(text, fc.constantFrom("id", "params", "name", "_meta", "params.name", "_meta.progressToken"));
const number = fc.constantFrom("1.10", "-0.0", "1E400", "12345678901234567890", "7", "0.000");

/** JSON text with white space, escapes and numbers that no serialiser would write. */
const { json: jsonText } = fc.letrec<{ json: string; object: string; array: string; leaf: string }>((tie) => ({
  leaf: fc.oneof(
    number,
    fc.constantFrom("true", "false", "null"),
    fc.tuple(text, fc.boolean()).map(([value, escaped]) => quoted(value, escaped)),
  ),
  array: fc
    .tuple(fc.array(tie("json"), { maxLength: 4 }), space())
    .map(([all, gap]) => `[${gap}${all.join(`${gap},`)}]`),
  object: fc
    .tuple(
      fc.uniqueArray(fc.tuple(key, tie("json")), { maxLength: 4, selector: ([name]) => name }),
      fc.boolean(),
      space(),
    )
    .map(([all, escaped, gap]) => {
      const members = all.map(([name, value]) => `${quoted(name, escaped)}${gap}:${gap}${value}${gap}`);
      return `{${gap}${members.join(",")}}`;
    }),
  json: fc.oneof({ maxDepth: 5, withCrossShrink: true }, tie("leaf"), tie("array"), tie("object")),
}));

/** A message around random parts, so that what is wanted is usually there. */
const messageText = fc
  .tuple(jsonText, jsonText, jsonText, jsonText, space())
  .map(
    ([id, name, token, other, gap]) =>
      `${gap}{"x":${other},"id"${gap}:${id},${gap}"params":{"name":${gap}${name}${gap},"_meta.progressToken":0,"_meta":{"progressToken":${token}}}}${gap}`,
  );

function space() {
  return fc.constantFrom("", " ", "\n", "\r\n\t ");
}

function quoted(value: string, escaped: boolean): string {
  if (!escaped) return JSON.stringify(value);
  const units = Array.from({ length: value.length }, (_, index) => value.charCodeAt(index));
  return `"${units.map((unit) => `\\u${unit.toString(16).padStart(4, "0")}`).join("")}"`;
}

function valueAt(value: unknown, path: string): unknown {
  return path.split(".").reduce<unknown>((at, name) => memberOf(at, name), value);
}

function memberOf(value: unknown, name: string): unknown {
  const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
  return isObject && Object.hasOwn(value, name) ? (value as Record<string, unknown>)[name] : undefined;
}

function membersIn(value: unknown): number {
  if (typeof value !== "object" || value === null) return 0;
  const inside = Object.values(value).reduce<number>((sum, each) => sum + membersIn(each), 0);
  return inside + (Array.isArray(value) ? 0 : Object.keys(value).length);
}

describe("scanning", () => {
  test("finds the same members as JSON.parse, whatever the text", () => {
    fc.assert(
      fc.property(fc.oneof(jsonText, messageText), (json) => {
        const { spans, members } = scan(json, WANTED);
        const value: unknown = JSON.parse(json);
        for (const path of PATHS) {
          const span = spans.get(path);
          expect(span && JSON.parse(json.slice(span.start, span.end))).toEqual(valueAt(value, path));
        }
        expect(members).toBe(membersIn(value));
      }),
      { numRuns: 1_000 },
    );
  });

  test("gives the exact text of a value, without the white space around it", () => {
    const json = `{ "id" :\t1.10\n, "params" : { "name" : "n\\u0061" } }`;
    const { spans } = scan(json, WANTED);
    const textAt = (path: string) => json.slice(spans.get(path)?.start, spans.get(path)?.end);
    expect([textAt("id"), textAt("params.name")]).toEqual(["1.10", `"n\\u0061"`]);
  });

  test("knows an escaped key for what it is", () => {
    expect(scan(`{"p\\u0061rams":{"n\\u0061me":1}}`, WANTED).spans.has("params.name")).toBe(true);
  });

  test.each([`{"params.name":1}`, `{"params":{"_meta.progressToken":1}}`, `{"params":[{"name":1}]}`, `["id"]`])(
    "takes no other key for a nested one: %s",
    (json) => {
      const { spans } = scan(json, WANTED);
      expect([spans.has("id"), spans.has("params.name"), spans.has("params._meta.progressToken")]).not.toContain(true);
    },
  );

  test("is not led astray by names that every object has", () => {
    expect(scan(`{"constructor":1,"__proto__":{"id":2},"hasOwnProperty":3}`, WANTED).spans.size).toBe(0);
  });

  test("finds every element of an array, as the text it is", () => {
    fc.assert(
      fc.property(fc.array(jsonText), space(), (elements, gap) => {
        const json = `[${gap}${elements.join(`${gap},${gap}`)}${gap}]`;
        const found = elementsOf(json, { start: 0, end: json.length });
        expect(found.map(({ start, end }) => json.slice(start, end))).toEqual(elements);
      }),
    );
  });
});
