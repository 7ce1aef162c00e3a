import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { aDecisionPoint } from "../test/a-decision-point.ts";
import { aDocument, aRequest, type DocumentParts } from "../test/builders.ts";
import { someDocument, someLabels, someRequest } from "../test/random-policies.ts";
import { compilePolicies } from "./compile-policies.ts";
import { explain } from "./explain.ts";

const at = new Date("2026-01-15T12:30:00Z");

function explained(parts: DocumentParts, request = aRequest(), labels: readonly string[] = []) {
  return explain(compilePolicies(aDocument(parts), "r1"), request, { at, labels });
}

const why = (parts: DocumentParts, request = aRequest(), labels: readonly string[] = []) =>
  explained(parts, request, labels).steps.map((step) => `${step.rule} ${step.verdict}: ${step.why}`);

describe("an explanation", () => {
  test("is of plain JSON, and says what a permit was made from", () => {
    const explanation = explained({ server: { limits: [{ id: "fair", by: ["principal"], permits: { hour: 5 } }] } });
    expect(JSON.parse(JSON.stringify(explanation))).toEqual(explanation);
    expect(explanation).toMatchObject({
      revision: "r1",
      at: "2026-01-15T12:30:00.000Z",
      effect: "permit",
      rule: null,
      code: null,
      reason: null,
      limits: [
        { rule: "weather.rate_limit", kind: "window", permits: 100, cost: 1, windowMs: 60_000, shadow: false },
        { rule: "weather.limits.fair", kind: "window", permits: 5, cost: 1, windowMs: 3_600_000, shadow: false },
      ],
      packs: ["credentials", "destructive-shell", "destructive-sql", "code-execution"],
    });
  });

  test("names what was looked at, in order, and why each came out so", () => {
    const parts: DocumentParts = {
      global: {
        policies: [
          { id: "ok", effect: "allow" },
          { id: "who", effect: "deny", principals: ["bob"] },
          { id: "what", effect: "deny", tools: ["send_*"] },
          { id: "much", effect: "deny", when: "args.amount > 5" },
          { id: "odd", effect: "deny", when: "args.amount > 5", on_failure: "open" },
          { id: "new", effect: "deny", shadow: true },
          { id: "flow", effect: "deny", closes: ["private_data", "sends_out"] },
          { id: "few", effect: "deny", when: "principal == 'bob'" },
        ],
        labels: [{ labels: ["sends_out"] }],
      },
    };
    expect(why(parts)).toEqual([
      "weather.schedule passed: it has no objection",
      'policies.who skipped: principals: anonymous is not among ["bob"]',
      'policies.what skipped: tools/call of get_forecast is not among {"tools":["send_*"]}',
      "policies.much matched: its condition cannot be evaluated: No such key: amount",
      "policies.odd skipped: its condition cannot be evaluated: No such key: amount",
      "policies.new matched: it matches; it is on trial and changes nothing",
      'policies.flow passed: the labels ["private_data","sends_out"] do not come together: the call has ["sends_out"], the session []',
      "policies.few passed: its condition is false: principal == 'bob'",
      "policies.ok matched: it matches",
      "governance.default_effect passed: the rule policies.much decides",
    ]);
  });

  test("says which default, pattern, schedule or limit decided", () => {
    expect(why({ global: { default_effect: "deny" } }).at(-1)).toBe(
      "governance.default_effect matched: no rule decides",
    );
    expect(why({ server: { allowed_hours: [] } })).toEqual([
      "weather.allowed_hours matched: Access not allowed at hour 12. Allowed hours: []",
    ]);
    expect(why({ server: { rate_limit: 0 } }).at(-1)).toContain("weather.rate_limit matched: Rate limit exceeded");
    expect(why({}, aRequest({ arguments: { sql: "drop table x" } })).at(-1)).toContain(
      "weather.blocked_patterns matched: Security pattern detected",
    );
  });

  test("of a call to a server that is not there has no steps", () => {
    expect(explained({}, aRequest({ server: "nowhere" }))).toMatchObject({
      effect: "deny",
      code: "policy_error",
      rule: "nowhere.policy",
      steps: [],
      limits: [],
    });
  });

  test.each<[what: string, server: DocumentParts["server"]]>([
    ["rate", { rate_limit: 0 }],
    [
      "limits",
      {
        limits: [
          { id: "a", permits: { hour: 0, day: 0 } },
          { id: "b", concurrent: 0 },
        ],
      },
    ],
    ["concurrency before rate", { max_concurrent_sessions: 0, limits: [{ id: "b", daily: 0 }] }],
    ["concurrency", { max_concurrent_sessions: 0 }],
    ["costs", { limits: [{ id: "a", cost: 6, permits: { minute: 5 } }] }],
    ["a pattern", { blocked_patterns: ["oslo"] }],
    ["a limit before a pattern", { blocked_patterns: ["oslo"], limits: [{ id: "a", permits: { hour: 0 } }] }],
    ["high security", { high_security: true }],
  ])("agrees with the decision about %s", async (_what, server = {}) => {
    const request = aRequest({ target: "drop_it" });
    const decision = await aDecisionPoint({ server }).decide(request);
    const { effect, code, rule, reason } = explained({ server }, request);
    expect(decision).toMatchObject({ effect, code, rule, reason });
  });

  test("agrees with the decision on any call under any rules", async () => {
    await fc.assert(
      fc.asyncProperty(someDocument, someRequest, someLabels, async (parts, request, labels) => {
        const { decide } = aDecisionPoint(parts, { labels: () => labels });
        const decision = await decide(request);
        const { effect, rule, shadows, degraded, steps } = explained(parts, request, labels);
        expect({ effect, rule, degraded }).toEqual({
          effect: decision.effect,
          rule: decision.rule,
          degraded: decision.degraded,
        });
        expect(decision.shadows).toEqual(shadows.map((shadow) => ({ ...shadow, revision: decision.revision })));
        if (rule !== null) expect(steps.find((step) => step.rule === rule)).toMatchObject({ verdict: "matched" });
      }),
    );
  });
});
