import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { checkConfiguration } from "./check.ts";
import { readJsonText } from "./json-text.ts";

const problems = (text: string) =>
  checkConfiguration(text, { env: {}, scope: "all" }).problems.map(
    ({ line, column, message }) => `${line}:${column} ${message}`,
  );

describe("the text of a configuration", () => {
  test.each([
    ['{\n  "mcpServers": {\n    "a" 1\n  }\n}', "3:9 invalid JSON: colon expected"],
    ['{ "mcpServers": {}, }', "1:21 invalid JSON: property name expected"],
    ['{ "a": 1 } // done', "1:12 invalid JSON: invalid comment token"],
    ["", "1:1 invalid JSON: value expected"],
    ["{", "1:2 invalid JSON: close brace expected"],
  ])("%j is broken JSON, told with line and column", (text, problem) => {
    expect(problems(text)).toContain(problem);
  });

  test("a key that is there twice is a problem at the second one", () => {
    const { findings } = readJsonText('{ "a": 1, "b": { "c": 1, "c": 2 } }');
    expect(findings).toEqual([{ path: ["b", "c"], message: "is there twice", offset: 25 }]);
  });

  test("positions after prose are those of the file", () => {
    expect(problems('hello\nworld\n{ "mcpServers": 3 }')).toEqual(["3:17 must be an object, not a number"]);
  });

  test("accepts every JSON object and no text that is none", () => {
    const mangled = fc
      .tuple(fc.json(), fc.nat(), fc.string({ maxLength: 2 }))
      .map(
        ([json, at, extra]) =>
          `{"a":${json.slice(0, at % (json.length + 1))}${extra}${json.slice(at % (json.length + 1))}}`,
      );
    fc.assert(
      fc.property(mangled, (text) => {
        expect(readJsonText(text).tree !== undefined).toBe(isJson(text));
      }),
      { numRuns: 2_000 },
    );
  });
});

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
