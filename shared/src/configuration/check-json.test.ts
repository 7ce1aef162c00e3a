import { expect, test } from "vitest";
import { z } from "zod";
import { checkJson } from "./check-json.ts";
import { formatProblem } from "./problem.ts";

const Fixture = z.strictObject({ name: z.string(), times: z.int().default(1) });

const problemsOf = (text: string) => {
  const result = checkJson(text, Fixture);
  return result.value === undefined ? result.problems.map((problem) => formatProblem("f", problem)) : [];
};

test("a text with comments and trailing commas is read, and defaults are filled in", () => {
  expect(checkJson('{ // who\n "name": "a", /* no more */ }', Fixture)).toEqual({ value: { name: "a", times: 1 } });
});

test("broken text, unknown keys and wrong values have line, column and path", () => {
  expect(problemsOf('{\n  "name" 1\n}')).toEqual(["f:2:10 invalid JSON: colon expected"]);
  expect(problemsOf('{\n  "nam": 1,\n  "times": "x", // twice\n  "name": "a", "name": "b"\n}')).toEqual([
    'f:2:3 nam: unknown key (did you mean "name"?)',
    "f:3:12 times: must be a whole number, not a string",
    "f:4:16 name: is there twice",
  ]);
});
