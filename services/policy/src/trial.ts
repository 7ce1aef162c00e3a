import type { DecisionRequest, Log, ShadowDenial } from "@mcp-governance-bridge/shared";
import type { Refusal } from "./checks/check.ts";
import type { Policies } from "./compile-policies.ts";
import type { Counting } from "./counting.ts";
import { type EvaluationFacts, limitsOf, readsSession } from "./evaluate.ts";
import type { Evaluator } from "./large/evaluator.ts";
import type { AskedRequest } from "./large/large-evaluator.ts";

/** Decides by a candidate beside the policies in force. Where that fails, nothing is known and nothing is said. */
export interface Trial {
  /** Whether the candidate needs to know the labels that the session carries. */
  readsSession(candidate: Policies, request: DecisionRequest): boolean;
  /** What the candidate would have denied. Never rejects, and takes no permits. */
  denials(candidate: Policies, request: AskedRequest, facts: EvaluationFacts): Promise<ShadowDenial[]>;
}

type Question = [candidate: Policies, request: AskedRequest, facts: EvaluationFacts];

interface TrialOptions {
  counting: Pick<Counting, "count">;
  evaluator: Evaluator;
  log: Log;
}

export function createTrial({ counting, evaluator, log }: TrialOptions): Trial {
  async function refusalBy(...[candidate, asked, facts]: Question): Promise<Refusal | undefined> {
    const evaluated = evaluator(candidate, asked, facts);
    // Not a moment later than need be: the counters are to be looked at before the call takes anything.
    const { evaluation, request } = evaluated instanceof Promise ? await evaluated : evaluated;
    const { early, late } = evaluation;
    if (early) return early;
    const limits = limitsOf(candidate, request, facts.now);
    const { refusal } = await counting.count(limits, { holder: request.callId, isTaken: false });
    return refusal ?? late;
  }

  function failed(error: unknown, { revision }: Policies): void {
    log.warn({ err: error, revision }, "the candidate could not be tried");
  }

  return {
    readsSession(candidate, request) {
      try {
        return readsSession(candidate, request);
      } catch (error) {
        failed(error, candidate);
        return false;
      }
    },
    async denials(...question) {
      const [candidate] = question;
      try {
        const refusal = await refusalBy(...question);
        if (!refusal || isOutage(refusal)) return [];
        const { rule, code, reason } = refusal;
        return [{ rule, code, reason, revision: candidate.revision }];
      } catch (error) {
        failed(error, candidate);
        return [];
      }
    },
  };
}

/** A store that is away says nothing about the candidate. */
function isOutage({ code }: Refusal): boolean {
  return code === "counters_unavailable" || code === "labels_unavailable";
}
