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
export type { Catalogue } from "./lint/catalogue.ts";
export { lintPolicies } from "./lint/lint-policies.ts";
export { measureDecisions } from "./measure-decisions.ts";
export { type PolicyProblem, policyProblems } from "./policy-problems.ts";
export { createPolicyService, type PolicyService, type PolicyServiceOptions } from "./policy-service.ts";
export { type Coverage, coverageOf } from "./policy-test/coverage.ts";
export { HypotheticalCall, requestFor } from "./policy-test/hypothetical-call.ts";
export { PolicyTests } from "./policy-test/policy-tests.ts";
export { runPolicyTests, type TestFailure, type TestResult } from "./policy-test/run-policy-tests.ts";
export { replay } from "./replay/replay.ts";
export { type Changes, type Example, hasChanges, type ReplayReport } from "./replay/replay-report.ts";
export type { SimulationStores } from "./replay/simulation.ts";
export { memoryOf } from "./replay/warm-up.ts";
export type { SessionLabels } from "./session-labels.ts";
export { visible } from "./visible.ts";
