import { silentLog } from "@mcp-governance-bridge/shared";
import { Registry } from "prom-client";
import { expect, test } from "vitest";
import { aConfiguration, aRequest } from "../test/builders.ts";
import { createMemoryCounterStore } from "./adapters/memory-counter-store.ts";
import { compilePolicies } from "./compile-policies.ts";
import { createDecisionPoint } from "./decision-point.ts";
import { measureDecisions } from "./measure-decisions.ts";

test("decisions are counted by effect and code, and timed", async () => {
  const registry = new Registry();
  const decisionPoint = createDecisionPoint({
    policies: compilePolicies(aConfiguration({ rate_limit: 1 })),
    counters: createMemoryCounterStore(),
    now: () => new Date(),
    log: silentLog,
  });
  const { decide } = measureDecisions(decisionPoint, registry);
  await decide(aRequest());
  await decide(aRequest());

  const text = await registry.metrics();
  expect(text).toContain('policy_decisions_total{effect="permit",code="none"} 1');
  expect(text).toContain('policy_decisions_total{effect="deny",code="rate_limit"} 1');
  expect(text).toContain("policy_decide_seconds_count 2");
});
