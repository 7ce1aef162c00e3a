import { Decision, type DecisionRequest, DenialCode } from "@mcp-governance-bridge/shared";
import type { ServerGovernance } from "@mcp-governance-bridge/shared/configuration";
import { describe, expect, test } from "vitest";
import { aDecisionPoint } from "../test/a-decision-point.ts";
import { aRequest } from "../test/builders.ts";

const harmful = aRequest({ arguments: { sql: "drop table users" } });

describe("a decision", () => {
  test("is a permit where no rule objects", async () => {
    const { decide } = aDecisionPoint();
    expect(await decide(aRequest())).toEqual({
      effect: "permit",
      decisionId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      revision: "0123456789ab",
      obligations: [],
    });
  });

  test("to deny says code, rule, reason and revision, and keeps to the contract", async () => {
    const { decide } = aDecisionPoint();
    const decision = await decide(harmful);
    expect(Decision.parse(decision)).toEqual({
      effect: "deny",
      decisionId: expect.any(String),
      revision: "0123456789ab",
      code: "security_pattern",
      rule: "weather.blocked_patterns",
      reason: "Security pattern detected: drop\\s+table",
    });
  });

  test("has an identity of its own each time", async () => {
    const { decide } = aDecisionPoint();
    const [one, other] = await Promise.all([decide(aRequest()), decide(aRequest())]);
    expect(one.decisionId).not.toBe(other.decisionId);
  });

  test("has a code from this list", () => {
    expect(DenialCode.options).toEqual([
      "time_restriction",
      "rate_limit",
      "security_pattern",
      "high_security_sensitive_operation",
      "high_security_parameter_size",
      "policy_error",
      "policy_unavailable",
      "counters_unavailable",
      "audit_unavailable",
    ]);
  });
});

describe("the order of the checks is the seed's", () => {
  const all = aRequest({ target: "drop-collection", arguments: { sql: "drop table users" } });
  const sensitive = aRequest({ target: "drop-collection" });

  test.each<{ order: string; code: DenialCode; governance: Partial<ServerGovernance>; request: DecisionRequest }>([
    {
      order: "hours before rate",
      code: "time_restriction",
      governance: { allowed_hours: [1], rate_limit: 0, high_security: true },
      request: all,
    },
    { order: "rate before patterns", code: "rate_limit", governance: { rate_limit: 0 }, request: all },
    {
      order: "patterns before high security",
      code: "security_pattern",
      governance: { high_security: true },
      request: all,
    },
    {
      order: "high security last",
      code: "high_security_sensitive_operation",
      governance: { high_security: true },
      request: sensitive,
    },
  ])("$order", async ({ code, governance, request }) => {
    expect(await aDecisionPoint(governance).decide(request)).toMatchObject({ effect: "deny", code });
  });

  test("used-up permits before patterns", async () => {
    const { decide } = aDecisionPoint({ rate_limit: 1 });
    await decide(aRequest());
    expect(await decide(harmful)).toMatchObject({ code: "rate_limit" });
  });

  test("high security objects only where it is on", async () => {
    expect(await aDecisionPoint().decide(sensitive)).toMatchObject({ effect: "permit" });
  });
});

describe("the rate limit", () => {
  test("permits N calls and denies the next, until the oldest is a minute old", async () => {
    const { decide, clock } = aDecisionPoint({ rate_limit: 5 });
    for (let call = 0; call < 5; call += 1) {
      expect(await decide(aRequest())).toMatchObject({ effect: "permit" });
      clock.ms += 1_000;
    }
    expect(await decide(aRequest())).toMatchObject({
      code: "rate_limit",
      rule: "weather.rate_limit",
      reason: "Rate limit exceeded: 5/5 requests per minute",
      retryAfterMs: 55_000,
    });
    clock.ms += 55_000;
    expect(await decide(aRequest())).toMatchObject({ effect: "permit" });
    expect(await decide(aRequest())).toMatchObject({ code: "rate_limit", retryAfterMs: 1_000 });
  });

  test("is not drained by calls that are denied", async () => {
    const { decide } = aDecisionPoint({ rate_limit: 2, high_security: true });
    for (let call = 0; call < 5; call += 1) {
      await decide(harmful);
      await decide(aRequest({ target: "delete_file" }));
    }
    expect(await decide(aRequest())).toMatchObject({ effect: "permit" });
    expect(await decide(aRequest())).toMatchObject({ effect: "permit" });
    expect(await decide(aRequest())).toMatchObject({ code: "rate_limit" });
  });

  test("costs at most one question to the counters", async () => {
    const { decide, asked } = aDecisionPoint();
    await decide(aRequest());
    await decide(harmful);
    expect(asked).toEqual(["take", "peek"]);
  });

  test("of 0 denies all and asks no counters", async () => {
    const { decide, asked } = aDecisionPoint({ rate_limit: 0 });
    const decision = await decide(aRequest());
    expect(decision).toMatchObject({ reason: "Rate limit exceeded: 0/0 requests per minute" });
    expect(decision).not.toHaveProperty("retryAfterMs");
    expect(asked).toEqual([]);
  });

  test("is not looked at outside the allowed hours", async () => {
    const { decide, asked } = aDecisionPoint({ allowed_hours: [] });
    expect(await decide(aRequest())).toMatchObject({ code: "time_restriction" });
    expect(asked).toEqual([]);
  });
});
