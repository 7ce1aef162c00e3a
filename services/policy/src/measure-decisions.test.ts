import { Registry } from "prom-client";
import { expect, test } from "vitest";
import { aDecisionPoint } from "../test/a-decision-point.ts";
import { aRequest } from "../test/builders.ts";
import { measureDecisions } from "./measure-decisions.ts";

test("decisions are counted by effect and code, and timed; trials and failures are counted too", async () => {
  const registry = new Registry();
  const policies = [
    { id: "new", effect: "deny" as const, shadow: true },
    { id: "odd", effect: "deny" as const, when: "args.missing", on_failure: "open" as const },
  ];
  const decisionPoint = aDecisionPoint({ server: { rate_limit: 1, policies } });
  const { decide } = measureDecisions(decisionPoint, registry);
  await decide(aRequest());
  await decide(aRequest());

  const text = await registry.metrics();
  expect(text).toContain('policy_decisions_total{effect="permit",code="none"} 1');
  expect(text).toContain('policy_decisions_total{effect="deny",code="rate_limit"} 1');
  expect(text).toContain("policy_decide_seconds_count 2");
  expect(text).toContain('policy_shadow_denials_total{code="policy_rule"} 1');
  expect(text).toContain('policy_degraded_total{dependency="condition",mode="open"} 2');
});
