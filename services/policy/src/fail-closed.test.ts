import { silentLog } from "@mcp-governance-bridge/shared";
import { describe, expect, test } from "vitest";
import { aDecisionPoint } from "../test/a-decision-point.ts";
import { aDocument, aRequest } from "../test/builders.ts";
import { createMemoryCounterStore } from "./adapters/memory-counter-store.ts";
import { compilePolicies } from "./compile-policies.ts";
import type { CounterStore } from "./counter-store.ts";
import { createCounting } from "./counting.ts";
import { createDecisionPoint } from "./decision-point.ts";

const lost = () => Promise.reject(new Error("no connection"));
const brokenCounters: CounterStore = { take: lost, peek: lost, release: lost, ping: lost, close: async () => {} };

const harmful = aRequest({ arguments: { sql: "drop table users" } });

describe("what cannot be decided is denied", () => {
  test("row 70: without counters", async () => {
    const { decide } = aDecisionPoint({}, { counters: brokenCounters });
    const expected = {
      effect: "deny",
      code: "counters_unavailable",
      rule: "weather.rate_limit",
      reason: "Governance error: the rate counters are not reachable",
    };
    expect(await decide(aRequest())).toMatchObject(expected);
    expect(await decide(harmful)).toMatchObject(expected);
  });

  test("unless counters are open, and then it is told", async () => {
    const { decide } = aDecisionPoint(
      { global: { failure_modes: { counters: "open" } } },
      { counters: brokenCounters },
    );
    expect(await decide(aRequest())).toMatchObject({
      effect: "permit",
      degraded: [{ rule: "weather.rate_limit", dependency: "counters", mode: "open" }],
    });
    expect(await decide(harmful)).toMatchObject({ code: "security_pattern" });
  });

  test("for a server that has no policy", async () => {
    expect(await aDecisionPoint().decide(aRequest({ server: "__proto__" }))).toMatchObject({
      effect: "deny",
      code: "policy_error",
      rule: "__proto__.policy",
      reason: "Governance error: no policy for server __proto__",
    });
  });

  test("for a server that is disabled", async () => {
    expect(await aDecisionPoint({ server: { disabled: true } }).decide(aRequest())).toMatchObject({
      effect: "deny",
      code: "policy_error",
      reason: "Governance error: server weather is disabled",
    });
  });

  test("row 69: when a check fails, without telling the client how", async () => {
    const { decide } = createDecisionPoint({
      policies: () => ({ active: compilePolicies(aDocument(), "r1"), candidate: undefined }),
      counting: createCounting({
        store: createMemoryCounterStore(),
        local: createMemoryCounterStore(),
        log: silentLog,
      }),
      labels: { read: async () => [] },
      now: () => {
        throw new Error("internals");
      },
      log: silentLog,
    });
    expect(await decide(aRequest())).toMatchObject({
      effect: "deny",
      revision: "r1",
      code: "policy_error",
      rule: "weather.policy",
      reason: "Governance error: the policy could not be evaluated",
      facts: null,
    });
  });
});
