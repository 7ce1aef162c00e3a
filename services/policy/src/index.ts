export { openDiskRevisionStore } from "./adapters/disk-revision-store.ts";
export { createMemoryCounterStore } from "./adapters/memory-counter-store.ts";
export { createMemorySessionLabels } from "./adapters/memory-session-labels.ts";
export { createWorkerEvaluator } from "./adapters/worker-evaluator.ts";
export { compilePolicies, type Policies } from "./compile-policies.ts";
export { LABELS_TTL_MS } from "./config.ts";
export type { CounterStore, Grant, Limit } from "./counter-store.ts";
export { type Counting, createCounting } from "./counting.ts";
export {
  type CurrentPolicies,
  createDecisionPoint,
  type DecisionPoint,
  type DecisionPointOptions,
} from "./decision-point.ts";
export { type Evaluation, type EvaluationFacts, evaluate } from "./evaluate.ts";
export { type ExplainOptions, type Explanation, explain } from "./explain.ts";
export { measureDecisions } from "./measure-decisions.ts";
export { type PolicyProblem, policyProblems } from "./policy-problems.ts";
export { createPolicyService, type PolicyService, type PolicyServiceOptions } from "./policy-service.ts";
export type { SessionLabels } from "./session-labels.ts";
export { visible } from "./visible.ts";
