import { silentLog } from "@mcp-governance-bridge/shared";
import type { ServerGovernance } from "@mcp-governance-bridge/shared/configuration";
import { createMemoryCounterStore } from "../src/adapters/memory-counter-store.ts";
import { compilePolicies } from "../src/compile-policies.ts";
import type { CounterStore } from "../src/counter-store.ts";
import { createDecisionPoint } from "../src/decision-point.ts";
import { aConfiguration } from "./builders.ts";

const noon = new Date(2026, 0, 15, 12, 30);

/** A decision point at half past twelve, with a clock for its counters and a list of what they were asked. */
export function aDecisionPoint(governance: Partial<ServerGovernance> = {}, counters?: CounterStore) {
  const clock = { ms: 1_000_000 };
  const asked: string[] = [];
  const store = counters ?? createMemoryCounterStore(() => clock.ms);
  const { decide } = createDecisionPoint({
    policies: compilePolicies(aConfiguration(governance)),
    counters: {
      ...store,
      take(limits) {
        asked.push("take");
        return store.take(limits);
      },
      peek(limits) {
        asked.push("peek");
        return store.peek(limits);
      },
    },
    now: () => noon,
    log: silentLog,
  });
  return { decide, clock, asked };
}
