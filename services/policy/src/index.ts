export { createMemoryCounterStore } from "./adapters/memory-counter-store.ts";
export { checkPattern } from "./checks/pattern-set.ts";
export { compilePolicies, type Policies } from "./compile-policies.ts";
export type { CounterStore, Grant, Limit } from "./counter-store.ts";
export { createDecisionPoint, type DecisionPoint, type DecisionPointOptions } from "./decision-point.ts";
export { measureDecisions } from "./measure-decisions.ts";
