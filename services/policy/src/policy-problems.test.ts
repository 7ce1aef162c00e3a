import { describe, expect, test } from "vitest";
import { aDocument, type DocumentParts } from "../test/builders.ts";
import { policyProblems } from "./policy-problems.ts";

const problemsOf = (parts: DocumentParts) =>
  policyProblems(aDocument(parts)).map(({ path, message }) => `${path.join("/")}: ${message}`);

describe("what keeps a document from being used", () => {
  test("is nothing where there is nothing wrong", () => {
    expect(
      problemsOf({
        global: {
          policies: [{ id: "a", effect: "deny", when: "args.n > 1", servers: ["weather", "later-*"] }],
          limits: [{ id: "a", permits: { minute: 1 } }],
          results: [{ id: "a", action: "redact" }],
        },
        server: { policies: [{ id: "a", effect: "deny" }], blocked_patterns: ["\\bsudo\\b"] },
      }),
    ).toEqual([]);
  });

  test.each<[what: string, parts: DocumentParts, problem: string]>([
    [
      "a condition",
      { global: { policies: [{ id: "a", effect: "deny", when: "amount > 1" }] } },
      "global/policies/0/when: is no condition in CEL: Unknown variable: amount (at character 1)",
    ],
    [
      "an id twice",
      { server: { policies: ["a", "b", "a"].map((id) => ({ id, effect: "deny" as const })) } },
      "servers/weather/policies/2/id: names two rules: a is also the one at 0",
    ],
    [
      "a server that is not there",
      { global: { labels: [{ servers: ["weather", "wether"], labels: ["x"] }] } },
      "global/labels/0/servers/1: names no server of the configuration: wether",
    ],
    [
      "a limit of nothing",
      { global: { limits: [{ id: "a" }] } },
      "global/limits/0: limits nothing: it needs permits, daily or concurrent",
    ],
    [
      "a cut without a length",
      { server: { results: [{ id: "a", action: "truncate" }] } },
      "servers/weather/results/0/max_characters: is required where the action is truncate",
    ],
    [
      "a pattern of a rule on results",
      { server: { results: [{ id: "a", action: "deny", patterns: ["ok", "(a"] }] } },
      "servers/weather/results/0/patterns/1: missing closing ): `(a`",
    ],
    [
      "a pattern that is too large",
      { server: { blocked_patterns: ["a{600}(b{600})"] } },
      "servers/weather/blocked_patterns/0: too large: it compiles to",
    ],
    [
      "patterns that are too large together",
      { server: { blocked_patterns: Array.from({ length: 12 }, () => "a{900}") } },
      "servers/weather/blocked_patterns: too large together",
    ],
    ["a date that does not exist", { server: { blocked_dates: ["2026-02-30"] } }, "servers/weather/blocked_dates/0: "],
    [
      "a pack that is not there",
      { server: { pattern_packs: ["credentials", "credential"] } },
      "servers/weather/pattern_packs/1: names no pattern pack; there are ",
    ],
    [
      "a pack of a rule on results that is not there",
      { global: { results: [{ id: "a", action: "redact", packs: ["own", "nope"] }] }, packs: [aPack("own")] },
      "global/results/0/packs/1: names no pattern pack; there are ",
    ],
    ["a pack of one's own", { packs: [{ ...aPack("own"), lookalikes: ["an apple"] }] }, "packs/0/"],
  ])("%s is told with its place", (_what, parts, problem) => {
    const problems = problemsOf(parts);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(problem);
  });

  test("is told all at once", () => {
    const rules = { policies: [{ id: "a", effect: "deny" as const, when: ")" }], limits: [{ id: "a" }] };
    expect(problemsOf({ global: rules, server: rules })).toHaveLength(4);
  });
});

function aPack(name: string) {
  return {
    name,
    description: "Fruit",
    patterns: [{ id: "apple", pattern: "apple" }],
    attacks: ["apple"],
    lookalikes: [],
  };
}
