import { expect, test } from "vitest";
import { aDocument } from "../../test/builders.ts";
import { coverageOf } from "./coverage.ts";

const rules = {
  global: { policies: [{ id: "a", effect: "deny" as const }], limits: [{ id: "b", daily: 1 }] },
  server: { results: [{ id: "c", action: "redact" as const }], policies: [{ id: "a", effect: "allow" as const }] },
};

test("coverage is the share of rules that matched, and names the others", () => {
  const matched = new Set(["policies.a", "weather.results.c", "governance.default_effect"]);
  expect(coverageOf(aDocument(rules), matched)).toEqual({
    rules: ["policies.a", "limits.b", "weather.policies.a", "weather.results.c"],
    untested: ["limits.b", "weather.policies.a"],
    percent: 50,
  });
});

test("rules of disabled servers need no test, and no rules are covered by none", () => {
  const document = aDocument({ server: { ...rules.server, disabled: true } });
  expect(coverageOf(document, new Set())).toEqual({ rules: [], untested: [], percent: 100 });
});
