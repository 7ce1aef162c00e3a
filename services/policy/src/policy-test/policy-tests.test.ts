import { randomUUID } from "node:crypto";
import { checkJson } from "@mcp-governance-bridge/shared/configuration";
import { describe, expect, test } from "vitest";
import { HypotheticalCall, requestFor } from "./hypothetical-call.ts";
import { PolicyTests } from "./policy-tests.ts";

const problemsOf = (text: string) => {
  const checked = checkJson(text, PolicyTests);
  return checked.value === undefined
    ? checked.problems.map(({ line, path, message }) => `${line} ${path}: ${message}`)
    : [];
};
const aTest = (more: object, call: object = { server: "a", tool: "b" }) =>
  JSON.stringify({ name: "a test", call, expect: { effect: "permit" }, ...more });

describe("a file of tests", () => {
  test("may have comments", () => {
    expect(problemsOf(`{ // ours\n "tests": [${aTest({})}] }`)).toEqual([]);
  });

  test.each([
    ['{\n"tests": [] }', /^2 tests: must (have at least one test|not be empty)$/],
    [`{"tests": [\n\n${aTest({ reapeat: 2 })}] }`, /^3 tests\[0\]\.reapeat: /],
    [
      `{"tests": [\n${aTest({ expect: { effect: "allow" } })}] }`,
      /^2 tests\[0\]\.expect\.effect: must be one of permit, deny$/,
    ],
    [`{"tests": [\n${aTest({}, { server: "a" })}] }`, /^2 tests\[0\]\.call\.tool: is required$/],
    [
      `{"tests": [\n${aTest({}, { server: "a", method: "prompts/get" })}] }`,
      /call\.target: is required for prompts\/get$/,
    ],
    [
      `{"tests": [\n${aTest({}, { server: "a", method: "prompts/get", tool: "x" })}] }`,
      /call\.tool: is for tools\/call; prompts\/get has a target$/,
    ],
    [
      `{"tests": [\n${aTest({}, { server: "a", tool: "x", target: "x" })}] }`,
      /call\.target: says the same as tool: give one of them$/,
    ],
  ])("%j is told with its place", (text, problem) => {
    expect(problemsOf(text)).toEqual([expect.stringMatching(problem)]);
  });

  test("must not go back in time, but where it begins anew", () => {
    const [early, late] = ["2026-01-01T00:00:00Z", "2026-01-02T00:00:00+01:00"].map((at) => ({
      server: "a",
      tool: "b",
      at,
    }));
    const tests = (...all: string[]) => problemsOf(`{"tests": [\n${all.join(",\n")}] }`);
    expect(tests(aTest({}, early), aTest({}), aTest({}, late))).toEqual([]);
    expect(tests(aTest({}, late), aTest({ fresh: true }, early))).toEqual([]);
    expect(tests(aTest({}, late), aTest({}), aTest({}, early))).toEqual([
      "4 tests[2].call.at: is earlier than a test before it; fresh: true begins anew",
    ]);
  });
});

describe("a call that nobody has made", () => {
  const asked = (call: object) => requestFor(HypotheticalCall.parse({ server: "a", ...call }), randomUUID());

  test("objects to nothing where it says nothing", () => {
    expect(asked({ tool: "b" })).toMatchObject({
      ...{ principal: "anonymous", roles: [], client: null, method: "tools/call", target: "b", arguments: {} },
    });
    expect(asked({ tool: "b" })).not.toHaveProperty("annotations");
  });

  test("has the arguments that the gateway gives it", () => {
    expect(asked({ method: "resources/read", target: "file:///x" }).arguments).toEqual({ uri: "file:///x" });
    expect(asked({ method: "sampling/createMessage", arguments: { maxTokens: 1 } })).toMatchObject({
      target: "sampling/createMessage",
      arguments: { maxTokens: 1 },
    });
  });
});
