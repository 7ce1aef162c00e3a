import type { DecisionRequest } from "@mcp-governance-bridge/shared";
import type { Policies } from "../compile-policies.ts";
import { type Evaluation, type EvaluationFacts, evaluate } from "../evaluate.ts";
import { type AskedRequest, isLarge, type LargeEvaluator, type LargeRequest } from "./large-evaluator.ts";

/** An evaluation, and the request as limits are to look at it. */
export interface Evaluated {
  evaluation: Evaluation;
  request: DecisionRequest;
}

type Large = Pick<LargeEvaluator, "evaluate">;
type Question<Request> = [policies: Policies, request: Request, facts: EvaluationFacts];

/** The pure part of decisions: at once, or apart from all others where a call is large. */
export type Evaluator = (...question: Question<AskedRequest>) => Evaluated | Promise<Evaluated>;

/** Rejects as `large` does, for large calls alone. Without one they are evaluated like any other. */
export function createEvaluator(large: Large | undefined): Evaluator {
  return (policies, request, facts) => {
    if (!isLarge(request)) return { evaluation: evaluate(policies, request, facts), request };
    return large ? apart(large, [policies, request, facts]) : here(policies, request, facts);
  };
}

async function apart(large: Large, [policies, request, facts]: Question<LargeRequest>): Promise<Evaluated> {
  const { evaluation, arguments: given } = await large.evaluate(policies, request, facts);
  return { evaluation, request: { ...request, arguments: given } };
}

function here(...[policies, asked, facts]: Question<LargeRequest>): Evaluated {
  const request = { ...asked, arguments: argumentsIn(asked.argumentsText) };
  return { evaluation: evaluate(policies, request, facts), request };
}

/** The arguments in their JSON text. Throws a SyntaxError. */
export function argumentsIn(text: string | Uint8Array): unknown {
  return JSON.parse(typeof text === "string" ? text : new TextDecoder().decode(text));
}
