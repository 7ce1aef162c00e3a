import { Decision, type DecisionRequest, DenialCode } from "@mcp-governance-bridge/shared";
import { describe, expect, test } from "vitest";
import { aDecisionPoint } from "../test/a-decision-point.ts";
import { aRequest, type DocumentParts } from "../test/builders.ts";

const harmful = aRequest({ arguments: { sql: "drop table users" } });

describe("a decision", () => {
  test("is a permit where no rule objects", async () => {
    const { decide } = aDecisionPoint();
    const decision = await decide(aRequest());
    expect(Decision.parse(decision)).toEqual({
      effect: "permit",
      decisionId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      revision: "r1-0123456789ab",
      rule: null,
      obligations: [],
      facts: {
        at: "2026-01-15T12:30:00.000Z",
        labels: [],
        counters: [{ rule: "weather.rate_limit", used: 0, permits: 100 }],
      },
      shadows: [],
      degraded: [],
    });
  });

  test("to deny says code, rule, reason and revision, and keeps to the contract", async () => {
    const { decide } = aDecisionPoint();
    const decision = await decide(harmful);
    expect(Decision.parse(decision)).toMatchObject({
      effect: "deny",
      decisionId: expect.any(String),
      revision: "r1-0123456789ab",
      code: "security_pattern",
      rule: "weather.blocked_patterns",
      reason: expect.stringContaining("Security pattern detected: destructive-sql/"),
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
      "concurrency_limit",
      "policy_rule",
      "policy_default",
      "approval_required",
      "information_flow",
      "unchecked_arguments",
      "result_denied",
      "policy_error",
      "policy_unavailable",
      "counters_unavailable",
      "labels_unavailable",
      "audit_unavailable",
    ]);
  });

  test("to permit names the rule that allowed, and asks for what rules on results want", async () => {
    const { decide } = aDecisionPoint({
      global: {
        policies: [{ id: "ok", effect: "allow" }],
        results: [{ id: "cut", action: "truncate", max_characters: 9 }],
      },
    });
    expect(await decide(aRequest())).toMatchObject({
      effect: "permit",
      rule: "policies.ok",
      obligations: [{ kind: "truncate", rule: "results.cut", maxCharacters: 9 }],
    });
  });
});

describe("row 67: the order of the checks", () => {
  const all = aRequest({ target: "drop-collection", arguments: { sql: "drop table users" } });
  const sensitive = aRequest({ target: "drop-collection" });
  const deny = { id: "no", effect: "deny" } as const;

  test.each<{ order: string; code: DenialCode; parts: DocumentParts; request: DecisionRequest }>([
    {
      order: "hours before rules",
      code: "time_restriction",
      parts: { server: { allowed_hours: [1], rate_limit: 0, high_security: true, policies: [deny] } },
      request: all,
    },
    {
      order: "rules before rate",
      code: "policy_rule",
      parts: { server: { rate_limit: 0, policies: [deny] } },
      request: all,
    },
    {
      order: "the default before rate",
      code: "policy_default",
      parts: { global: { default_effect: "deny" }, server: { rate_limit: 0 } },
      request: all,
    },
    { order: "rate before patterns", code: "rate_limit", parts: { server: { rate_limit: 0 } }, request: all },
    {
      order: "patterns before high security",
      code: "security_pattern",
      parts: { server: { high_security: true } },
      request: all,
    },
    {
      order: "high security last",
      code: "high_security_sensitive_operation",
      parts: { server: { high_security: true } },
      request: sensitive,
    },
  ])("$order", async ({ code, parts, request }) => {
    expect(await aDecisionPoint(parts).decide(request)).toMatchObject({ effect: "deny", code });
  });

  test("used-up permits before patterns", async () => {
    const { decide } = aDecisionPoint({ server: { rate_limit: 1 } });
    await decide(aRequest());
    expect(await decide(harmful)).toMatchObject({ code: "rate_limit" });
  });

  test("high security objects only where it is on, or the level is high", async () => {
    expect(await aDecisionPoint().decide(sensitive)).toMatchObject({ effect: "permit" });
    expect(await aDecisionPoint({ server: { security_level: "high" } }).decide(sensitive)).toMatchObject({
      rule: "weather.security_level",
    });
  });
});

describe("the rate limit", () => {
  test("row 55: permits N calls and denies the next, until the oldest is a minute old", async () => {
    const { decide, clock } = aDecisionPoint({ server: { rate_limit: 5 } });
    for (let call = 0; call < 5; call += 1) {
      expect(await decide(aRequest())).toMatchObject({ effect: "permit" });
      clock.ms += 1_000;
    }
    expect(await decide(aRequest())).toMatchObject({
      code: "rate_limit",
      rule: "weather.rate_limit",
      reason: expect.stringContaining("Rate limit exceeded: 5/5 requests per minute"),
      retryAfterMs: 55_000,
    });
    clock.ms += 55_000;
    expect(await decide(aRequest())).toMatchObject({ effect: "permit" });
    expect(await decide(aRequest())).toMatchObject({ code: "rate_limit", retryAfterMs: 1_000 });
  });

  test("row 58: is not drained by calls that are denied", async () => {
    const { decide } = aDecisionPoint({
      server: { rate_limit: 2, high_security: true, policies: [{ id: "no", effect: "deny", tools: ["forbidden"] }] },
    });
    for (let call = 0; call < 5; call += 1) {
      await decide(harmful);
      await decide(aRequest({ target: "delete_file" }));
      await decide(aRequest({ target: "forbidden" }));
    }
    expect(await decide(aRequest())).toMatchObject({ effect: "permit" });
    expect(await decide(aRequest())).toMatchObject({ effect: "permit" });
    expect(await decide(aRequest())).toMatchObject({ code: "rate_limit" });
  });

  test("costs at most one question to the counters, and none where a rule denies", async () => {
    const { decide, asked } = aDecisionPoint({
      server: { policies: [{ id: "no", effect: "deny", tools: ["forbidden"] }] },
    });
    await decide(aRequest());
    await decide(harmful);
    await decide(aRequest({ target: "forbidden" }));
    expect(asked).toEqual(["take", "peek"]);
  });

  test("of 0 denies all and asks no counters", async () => {
    const { decide, asked } = aDecisionPoint({ server: { rate_limit: 0 } });
    const decision = await decide(aRequest());
    expect(decision).toMatchObject({ reason: "Rate limit exceeded: 0/0 requests per minute" });
    expect(decision).not.toHaveProperty("retryAfterMs");
    expect(asked).toEqual([]);
  });

  test("row 54: is not looked at where no hours are allowed", async () => {
    const { decide, asked } = aDecisionPoint({ server: { allowed_hours: [] } });
    expect(await decide(aRequest())).toMatchObject({ code: "time_restriction" });
    expect(asked).toEqual([]);
  });
});

describe("labels of sessions", () => {
  const parts: DocumentParts = {
    global: {
      policies: [{ id: "flow", effect: "deny", closes: ["private_data", "sends_out"] }],
      labels: [
        { tools: ["read_*"], labels: ["private_data"] },
        { tools: ["send_*"], labels: ["sends_out"] },
      ],
    },
  };

  test("are read only for calls that a flow could end with, and stand in the facts", async () => {
    const { decide, asked } = aDecisionPoint(parts, { labels: () => ["private_data"] });
    await decide(aRequest());
    expect(asked).toEqual(["take"]);
    expect(await decide(aRequest({ target: "send_mail" }))).toMatchObject({
      effect: "deny",
      code: "information_flow",
      facts: { labels: ["private_data"], counters: [] },
    });
    expect(asked).toEqual(["take", "labels"]);
  });

  test("are to be reported at the call's end", async () => {
    const { decide } = aDecisionPoint(parts);
    expect(await decide(aRequest({ target: "read_mail" }))).toMatchObject({
      obligations: [{ kind: "report", labels: ["private_data"], leases: [] }],
    });
  });

  test("that cannot be read deny such calls, and no others", async () => {
    const labels = () => {
      throw new Error("no connection");
    };
    const { decide } = aDecisionPoint(parts, { labels });
    expect(await decide(aRequest({ target: "send_mail" }))).toMatchObject({ code: "labels_unavailable" });
    expect(await decide(aRequest())).toMatchObject({ effect: "permit" });

    const open = aDecisionPoint({ global: { ...parts.global, failure_modes: { labels: "open" } } }, { labels });
    expect(await open.decide(aRequest({ target: "send_mail" }))).toMatchObject({
      effect: "permit",
      degraded: [{ rule: "policies.flow", dependency: "labels", mode: "open" }],
    });
  });
});

test("row 59: a call under way is to be reported at its end, and others wait for it", async () => {
  const { decide } = aDecisionPoint({ server: { max_concurrent_sessions: 1 } });
  const first = await decide(aRequest());
  expect(first).toMatchObject({ obligations: [{ kind: "report", labels: [], leases: [expect.any(String)] }] });
  const other = aRequest({ callId: "1b6f2a5e-8f0e-4f3a-9b8e-2f1d3c4b5a60" });
  expect(await decide(other)).toMatchObject({ code: "concurrency_limit", rule: "weather.max_concurrent_sessions" });
});

describe("on trial", () => {
  test("a rule and a limit deny nothing; what they would have denied is told", async () => {
    const { decide } = aDecisionPoint({
      server: {
        policies: [{ id: "new", effect: "deny", shadow: true }],
        limits: [{ id: "slow", permits: { minute: 1 }, shadow: true }],
      },
    });
    const rule = { rule: "weather.policies.new", revision: "r1-0123456789ab", code: "policy_rule" };
    expect(await decide(aRequest())).toMatchObject({ effect: "permit", shadows: [rule] });
    expect(await decide(aRequest())).toMatchObject({
      effect: "permit",
      shadows: [rule, { rule: "weather.limits.slow", code: "rate_limit" }],
    });
  });

  test("a candidate denies nothing and takes nothing; its denial is told under its name", async () => {
    const candidate = {
      server: { rate_limit: 2, policies: [{ id: "new", effect: "deny" as const, tools: ["drop"] }] },
    };
    const { decide } = aDecisionPoint({ server: { rate_limit: 3 } }, { candidate });
    expect(await decide(aRequest({ target: "drop" }))).toMatchObject({
      effect: "permit",
      revision: "r1-0123456789ab",
      shadows: [{ rule: "weather.policies.new", revision: "r2-candidate", code: "policy_rule" }],
    });
    expect(await decide(aRequest())).toMatchObject({ effect: "permit", shadows: [] });
    expect(await decide(aRequest())).toMatchObject({
      effect: "permit",
      shadows: [{ rule: "weather.rate_limit", revision: "r2-candidate", code: "rate_limit" }],
    });
    expect(await decide(aRequest())).toMatchObject({ effect: "deny", code: "rate_limit", shadows: [] });
  });

  test("a candidate that cannot be asked does no harm", async () => {
    const { decide, current } = aDecisionPoint();
    current.candidate = { revision: "broken", servers: undefined as never };
    expect(await decide(aRequest())).toMatchObject({ effect: "permit", shadows: [] });
  });
});

test("a policy that changes is in force from the next call on", async () => {
  const { decide, current } = aDecisionPoint();
  const other = aDecisionPoint({ server: { policies: [{ id: "no", effect: "deny" }] } }).current.active;
  current.active = { ...other, revision: "r2-other" };
  expect(await decide(aRequest())).toMatchObject({ effect: "deny", revision: "r2-other" });
});
