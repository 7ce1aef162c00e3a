import { silentLog } from "@mcp-governance-bridge/shared";
import { createMemoryCounterStore } from "../src/adapters/memory-counter-store.ts";
import { compilePolicies, type Policies } from "../src/compile-policies.ts";
import type { CounterStore } from "../src/counter-store.ts";
import { createCounting } from "../src/counting.ts";
import { createDecisionPoint } from "../src/decision-point.ts";
import { aDocument, type DocumentParts } from "./builders.ts";

export interface Surroundings {
  counters?: CounterStore;
  /** Another document, on trial. */
  candidate?: DocumentParts;
  /** What sessions carry; a function that throws where labels cannot be read. */
  labels?: (sessionId: string) => readonly string[];
}

/** A decision point at half past twelve, with a clock for its counters and a list of what its stores were asked. */
export function aDecisionPoint(parts: DocumentParts = {}, { counters, candidate, labels }: Surroundings = {}) {
  const clock = { ms: 1_000_000 };
  const asked: string[] = [];
  const store = counters ?? createMemoryCounterStore(() => clock.ms);
  const current: { active: Policies; candidate: Policies | undefined } = {
    active: compilePolicies(aDocument(parts), "r1-0123456789ab"),
    candidate: candidate && compilePolicies(aDocument(candidate), "r2-candidate"),
  };
  const counting = createCounting({
    store: {
      ...store,
      take(...question) {
        asked.push("take");
        return store.take(...question);
      },
      peek(...question) {
        asked.push("peek");
        return store.peek(...question);
      },
    },
    local: createMemoryCounterStore(() => clock.ms),
    log: silentLog,
  });
  const { decide } = createDecisionPoint({
    policies: () => current,
    counting,
    labels: {
      async read(sessionId) {
        asked.push("labels");
        return labels?.(sessionId) ?? [];
      },
    },
    now: () => new Date("2026-01-15T12:30:00Z"),
    log: silentLog,
  });
  return { decide, clock, asked, current };
}
