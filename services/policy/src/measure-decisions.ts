import type { Decision } from "@mcp-governance-bridge/shared";
import { Counter, Histogram, type Registry, register } from "prom-client";
import type { DecisionPoint } from "./decision-point.ts";

const SECONDS = [0.000_01, 0.000_025, 0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.05, 0.1, 0.5, 1];

/** The same decision point, counted and timed. One per registry. */
export function measureDecisions(decisionPoint: DecisionPoint, registry: Registry = register): DecisionPoint {
  const registers = [registry];
  const duration = new Histogram({
    name: "policy_decide_seconds",
    help: "Time to decide, with the counters' round trip and without the transport",
    buckets: SECONDS,
    registers,
  });
  const count = createCount(registers);

  return {
    async decide(request) {
      const startedAt = performance.now();
      const decision = await decisionPoint.decide(request);
      duration.observe((performance.now() - startedAt) / 1_000);
      count(decision);
      return decision;
    },
  };
}

function createCount(registers: Registry[]): (decision: Decision) => void {
  const decisions = new Counter({
    name: "policy_decisions_total",
    help: "Decisions by effect and, for denials, code",
    labelNames: ["effect", "code"] as const,
    registers,
  });
  const shadows = new Counter({
    name: "policy_shadow_denials_total",
    help: "Denials that rules or revisions on trial would have made, by code",
    labelNames: ["code"] as const,
    registers,
  });
  const degraded = new Counter({
    name: "policy_degraded_total",
    help: "Rules that were not asked as they should have been, by what was missing and how they went on",
    labelNames: ["dependency", "mode"] as const,
    registers,
  });

  return (decision) => {
    decisions.inc({ effect: decision.effect, code: decision.effect === "deny" ? decision.code : "none" });
    for (const { code } of decision.shadows) shadows.inc({ code });
    for (const { dependency, mode } of decision.degraded) degraded.inc({ dependency, mode });
  };
}
