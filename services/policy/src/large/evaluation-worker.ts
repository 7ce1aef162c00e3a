import type { DecisionRequest } from "@mcp-governance-bridge/shared";
import type { PolicyDocument } from "@mcp-governance-bridge/shared/configuration";
import { compilePolicies, type Policies } from "../compile-policies.ts";
import { type EvaluationFacts, evaluate } from "../evaluate.ts";
import { argumentsAt, pointersOf } from "./arguments-for-limits.ts";
import { argumentsIn } from "./evaluator.ts";
import type { LargeEvaluation } from "./large-evaluator.ts";

/** A document under the name that its policies have. */
export interface Preparation {
  revision: string;
  document: PolicyDocument;
}

export interface LargeTask {
  /** The name of policies that were prepared. */
  revision: string;
  request: DecisionRequest;
  argumentsText: string | Uint8Array;
  facts: EvaluationFacts;
}

const MOST = 4;

/** What this thread has compiled, the latest last. */
const prepared = new Map<string, { document: PolicyDocument; policies: Policies }>();

/** Runs in a thread of its own, as all of this file. */
export function prepare({ revision, document }: Preparation): void {
  prepared.delete(revision);
  prepared.set(revision, { document, policies: compilePolicies(document, revision) });
  for (const name of [...prepared.keys()].slice(0, -MOST)) prepared.delete(name);
}

/** Undefined where the policies are to be prepared first. */
export function evaluateLarge({ revision, request, argumentsText, facts }: LargeTask): LargeEvaluation | undefined {
  const known = prepared.get(revision);
  if (!known) return undefined;
  const given = argumentsIn(argumentsText);
  const evaluation = evaluate(known.policies, { ...request, arguments: given }, facts);
  return { evaluation, arguments: argumentsAt(pointersOf(known.document, request.server), given) };
}
