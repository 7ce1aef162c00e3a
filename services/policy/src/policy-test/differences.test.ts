import { randomUUID } from "node:crypto";
import type { Decision } from "@mcp-governance-bridge/shared";
import { describe, expect, test } from "vitest";
import { differencesFrom } from "./differences.ts";

const common = { decisionId: randomUUID(), revision: "r1", facts: null, shadows: [], degraded: [] };
const denial: Decision = {
  ...common,
  effect: "deny",
  code: "rate_limit",
  rule: "weather.rate_limit",
  reason: "Rate limit exceeded: 5/5",
  retryAfterMs: 10,
};
const redact = {
  kind: "redact" as const,
  rule: "results.mail",
  packs: ["personal-data"],
  patterns: [],
  pointers: [],
  mask: "*",
};
const report = { kind: "report" as const, labels: ["a"], leases: [] };
const permit: Decision = { ...common, effect: "permit", rule: null, obligations: [redact, report] };

describe("a decision", () => {
  test.each([
    [{ effect: "deny" as const }, denial],
    [{ effect: "deny" as const, rule: "weather.rate_limit", code: "rate_limit" as const, retryAfterMs: 10 }, denial],
    [{ effect: "deny" as const, reason: "limit exceeded" }, denial],
    [{ effect: "permit" as const, rule: null }, permit],
    [{ effect: "permit" as const, obligations: [{ kind: "redact", packs: ["personal-data"] }] }, permit],
  ])("is as expected: %j", (expected, actual) => {
    expect(differencesFrom(expected, actual)).toEqual([]);
  });

  test.each([
    [{ effect: "permit" as const }, denial, 'effect is "deny", not "permit"'],
    [{ effect: "deny" as const, rule: "x" }, denial, 'rule is "weather.rate_limit", not "x"'],
    [{ effect: "deny" as const, code: "policy_rule" as const }, denial, 'code is "rate_limit", not "policy_rule"'],
    [{ effect: "deny" as const, retryAfterMs: 9 }, denial, "retryAfterMs is 10, not 9"],
    [
      { effect: "deny" as const, reason: "patience" },
      denial,
      'reason is "Rate limit exceeded: 5/5", which does not contain "patience"',
    ],
    [{ effect: "permit" as const, reason: "" }, permit, 'reason is missing, which does not contain ""'],
    [{ effect: "permit" as const, rule: "x" }, permit, 'rule is null, not "x"'],
    [{ effect: "permit" as const, obligations: [] }, permit, /^obligations are 1, not 0: \[\{"kind":"redact"/],
    [
      { effect: "permit" as const, obligations: [{ mask: "+" }] },
      permit,
      /^obligations\[0\] is .*, without all of \{"mask":"\+"\}$/,
    ],
    [{ effect: "permit" as const, obligations: [{ shadow: null }] }, permit, /without all of/],
  ])("is not as expected: %j", (expected, actual, difference) => {
    expect(differencesFrom(expected, actual)).toEqual([
      typeof difference === "string" ? difference : expect.stringMatching(difference),
    ]);
  });
});
