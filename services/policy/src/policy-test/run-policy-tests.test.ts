import { describe, expect, test } from "vitest";
import { aDocument, type DocumentParts } from "../../test/builders.ts";
import { memoryStores } from "../../test/recorded-calls.ts";
import { compilePolicies } from "../compile-policies.ts";
import { PolicyTests } from "./policy-tests.ts";
import { runPolicyTests } from "./run-policy-tests.ts";

const call = { server: "weather", tool: "get_forecast" };
const permit = { effect: "permit" };
const deny = { effect: "deny" };

const run = (parts: DocumentParts, ...tests: object[]) => {
  const named = tests.map((test, index) => ({ name: `test ${index}`, call, ...test }));
  return runPolicyTests(compilePolicies(aDocument(parts), "r1"), PolicyTests.parse({ tests: named }), memoryStores);
};
const outcomes = async (parts: DocumentParts, ...tests: object[]) =>
  (await run(parts, ...tests)).map(({ failure }) => failure?.differences ?? "as expected");

describe("the tests of a file", () => {
  test("are a story: counts go on, and so does time", async () => {
    const results = await outcomes(
      { server: { rate_limit: 3 } },
      { repeat: 2, expect: permit },
      { expect: permit },
      { expect: { ...deny, code: "rate_limit", rule: "weather.rate_limit", retryAfterMs: 60_000 } },
      { call: { ...call, at: "2026-01-01T12:01:00Z" }, expect: permit },
    );
    expect(results).toEqual(Array(4).fill("as expected"));
  });

  test("begin anew where they say so, and may go back in time then", async () => {
    const results = await outcomes(
      { server: { rate_limit: 1 } },
      { call: { ...call, at: "2026-05-01T12:00:00Z" }, expect: permit },
      { fresh: true, call: { ...call, at: "2026-04-01T12:00:00Z" }, expect: permit },
      { expect: deny },
    );
    expect(results).toEqual(Array(3).fill("as expected"));
  });

  test("happen at noon in UTC where no time is given", async () => {
    expect(await outcomes({ server: { allowed_times: ["12:00-12:01"] } }, { expect: permit })).toEqual(["as expected"]);
  });

  test("share sessions by name, which carry what calls leave behind and what they are given", async () => {
    const parts = {
      global: {
        labels: [
          { tools: ["read"], labels: ["private_data"] },
          { tools: ["send"], labels: ["sends_out"] },
        ],
        policies: [{ id: "leak", effect: "deny" as const, closes: ["private_data", "sends_out"] }],
      },
    };
    const send = { server: "weather", tool: "send" };
    const results = await outcomes(
      parts,
      { call: { server: "weather", tool: "read" }, expect: permit },
      { call: send, expect: { ...deny, code: "information_flow" } },
      { call: { ...send, session: "other" }, expect: permit },
      { call: { ...send, session: "third", labels: ["private_data"] }, expect: { ...deny, rule: "policies.leak" } },
    );
    expect(results).toEqual(Array(4).fill("as expected"));
  });

  test("end their calls at once, unless they leave them under way", async () => {
    const results = await outcomes(
      { server: { max_concurrent_sessions: 1 } },
      { repeat: 3, expect: permit },
      { ends: false, expect: permit },
      { expect: { ...deny, code: "concurrency_limit" } },
    );
    expect(results).toEqual(Array(3).fill("as expected"));
  });

  test("fail at the first repetition that is not as expected, with the explanation", async () => {
    const [result] = await run({ server: { rate_limit: 2 } }, { name: "calls", repeat: 5, expect: permit });
    expect(result).toMatchObject({
      name: "calls",
      repetitions: 5,
      failure: {
        repetition: 3,
        differences: ['effect is "deny", not "permit"'],
        actual: { rule: "weather.rate_limit" },
        explanation: { effect: "permit", limits: [{ rule: "weather.rate_limit" }] },
      },
    });
  });

  test("tell which rules were about their calls, those on trial and on results too", async () => {
    const [result] = await run(
      {
        global: { limits: [{ id: "fair", permits: { hour: 9 } }] },
        server: {
          policies: [
            { id: "tried", effect: "deny", shadow: true },
            { id: "other", effect: "deny", tools: ["other"] },
          ],
          results: [{ id: "cut", action: "truncate", max_characters: 9 }],
        },
      },
      { expect: permit },
    );
    expect(result?.matched.toSorted()).toEqual([
      "governance.default_effect",
      "limits.fair",
      "weather.policies.tried",
      "weather.rate_limit",
      "weather.results.cut",
    ]);
  });
});
