import { randomUUID } from "node:crypto";
import type { Decision } from "@mcp-governance-bridge/shared";
import type { Policies } from "../compile-policies.ts";
import { type Explanation, explain } from "../explain.ts";
import { createSimulation, heldBy, type Simulation, type SimulationStores } from "../replay/simulation.ts";
import { differencesFrom } from "./differences.ts";
import { requestFor } from "./hypothetical-call.ts";
import type { PolicyTest, PolicyTests } from "./policy-tests.ts";

/** How one test came out. */
export interface TestResult {
  name: string;
  repetitions: number;
  /** Undefined where all was as expected. */
  failure: TestFailure | undefined;
  /** The rules that were about the call, those on trial included. */
  matched: readonly string[];
}

export interface TestFailure {
  /** What is otherwise than expected, one sentence each. */
  differences: readonly string[];
  /** Which of the repetitions, from 1. */
  repetition: number;
  actual: Decision;
  explanation: Explanation;
}

/** When calls are made for which no time is given: a Thursday, at noon in UTC. */
const USUAL_START = new Date("2026-01-01T12:00:00Z");

/** Makes the calls of a file, in order, and compares the decisions with what is expected. */
export async function runPolicyTests(
  policies: Policies,
  { tests }: PolicyTests,
  stores: SimulationStores,
): Promise<TestResult[]> {
  const results: TestResult[] = [];
  let story: Story | undefined;
  for (const test of tests) {
    if (!story || test.fresh) story = { policies, simulation: createSimulation(policies, stores), at: USUAL_START };
    if (test.call.at !== undefined) story.at = new Date(test.call.at);
    results.push(await runTest(story, test));
  }
  return results;
}

interface Story {
  policies: Policies;
  simulation: Simulation;
  at: Date;
}

async function runTest({ policies, simulation, at }: Story, test: PolicyTest): Promise<TestResult> {
  const { name, call, repeat, ends, expect } = test;
  const request = requestFor(call, randomUUID());
  const labels = await simulation.label(call.session, call.labels, at);
  const explanation = explain(policies, request, { at, labels });
  const result = { name, repetitions: repeat, matched: rulesIn(explanation) };
  for (let repetition = 1; repetition <= repeat; repetition += 1) {
    const made = { ...request, callId: randomUUID() };
    const actual = await simulation.decide(made, at);
    if (ends) await simulation.end(made, heldBy(actual), { at, isAnswered: true });
    const differences = differencesFrom(expect, actual);
    if (differences.length > 0) {
      return { ...result, failure: { differences, repetition, actual, explanation } };
    }
  }
  return { ...result, failure: undefined };
}

/** The rules that match the call, the limits that it is counted by, and the rules on its result. */
function rulesIn({ steps, limits, obligations }: Explanation): string[] {
  return [
    ...steps.filter(({ verdict }) => verdict === "matched").map(({ rule }) => rule),
    ...limits.map(({ rule }) => rule),
    ...obligations.flatMap((each) => (each.kind === "report" ? [] : [each.rule])),
  ];
}
