import { silentLog } from "@mcp-governance-bridge/shared";
import { describe, expect, test } from "vitest";
import { aDecisionPoint } from "../test/a-decision-point.ts";
import { aConfiguration, aRequest } from "../test/builders.ts";
import { createMemoryCounterStore } from "./adapters/memory-counter-store.ts";
import { compilePolicies } from "./compile-policies.ts";
import type { CounterStore } from "./counter-store.ts";
import { createDecisionPoint } from "./decision-point.ts";

const brokenCounters: CounterStore = {
  take: () => Promise.reject(new Error("no connection")),
  peek: () => Promise.reject(new Error("no connection")),
  ping: () => Promise.reject(new Error("no connection")),
  close: async () => {},
};

const harmful = aRequest({ arguments: { sql: "drop table users" } });

describe("what cannot be decided is denied", () => {
  test("without counters", async () => {
    const { decide } = aDecisionPoint({}, brokenCounters);
    const expected = {
      effect: "deny",
      code: "counters_unavailable",
      rule: "weather.rate_limit",
      reason: "Governance error: the rate counters are not reachable",
    };
    expect(await decide(aRequest())).toMatchObject(expected);
    expect(await decide(harmful)).toMatchObject(expected);
  });

  test("for a server that has no policy", async () => {
    expect(await aDecisionPoint().decide(aRequest({ server: "__proto__" }))).toMatchObject({
      effect: "deny",
      code: "policy_error",
      rule: "__proto__.policy",
      reason: "Governance error: no policy for server __proto__",
    });
  });

  test("when a check fails, without telling the client how", async () => {
    const policies = compilePolicies(aConfiguration());
    const { decide } = createDecisionPoint({
      policies,
      counters: createMemoryCounterStore(),
      now: () => {
        throw new Error("internals");
      },
      log: silentLog,
    });
    expect(await decide(aRequest())).toMatchObject({
      effect: "deny",
      code: "policy_error",
      rule: "weather.policy",
      reason: "Governance error: the policy could not be evaluated",
    });
  });
});
