import type { Closable, DecisionRequest } from "@mcp-governance-bridge/shared";
import type { PolicyDocument } from "@mcp-governance-bridge/shared/configuration";
import type { Policies } from "../compile-policies.ts";
import type { Evaluation, EvaluationFacts } from "../evaluate.ts";

/** From this size on, in bytes or characters of the arguments' JSON text, a call is evaluated where it delays no other. */
export const LARGE = 65_536;

/** A request that may still have the text its arguments came as; where that is large, `arguments` need not be there. */
export interface AskedRequest extends DecisionRequest {
  argumentsText?: string | Uint8Array;
}

/** The same, of a call that is large. */
export type LargeRequest = AskedRequest & Required<Pick<AskedRequest, "argumentsText">>;

export function isLarge(request: AskedRequest): request is LargeRequest {
  return (request.argumentsText?.length ?? 0) >= LARGE;
}

/** Arguments that could not be looked through. The message is for the model to read. */
export class UncheckedArguments extends Error {
  override readonly name = "UncheckedArguments";
}

/** An evaluation, and what limits may look at of arguments that nobody here has read. */
export interface LargeEvaluation {
  evaluation: Evaluation;
  arguments: unknown;
}

/** Evaluates large calls apart from all others. */
export interface LargeEvaluator extends Closable {
  /** Makes policies ready that large calls may be evaluated by. */
  prepare(policies: Policies, document: PolicyDocument): void;
  /** Rejects with UncheckedArguments where that cannot be done, or not in time. */
  evaluate(policies: Policies, request: LargeRequest, facts: EvaluationFacts): Promise<LargeEvaluation>;
}
