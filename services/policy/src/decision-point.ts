import { randomUUID } from "node:crypto";
import type {
  Decision,
  DecisionFacts,
  DecisionRequest,
  Log,
  Obligation,
  ShadowDenial,
} from "@mcp-governance-bridge/shared";
import type { Refusal } from "./checks/check.ts";
import type { Policies } from "./compile-policies.ts";
import type { Counted, Counting } from "./counting.ts";
import { type Evaluation, type EvaluationFacts, limitsOf, readsSession, undecided } from "./evaluate.ts";
import { createEvaluator } from "./large/evaluator.ts";
import { type AskedRequest, isLarge, type LargeEvaluator, UncheckedArguments } from "./large/large-evaluator.ts";
import type { Shadow } from "./rules/judge.ts";
import type { SessionLabels } from "./session-labels.ts";
import { createTrial } from "./trial.ts";

/** Decides whether a call may pass. Never rejects: what cannot be decided is denied. */
export interface DecisionPoint {
  decide(request: AskedRequest): Promise<Decision>;
}

/** The policies in force, and those on trial beside them. */
export interface CurrentPolicies {
  active: Policies;
  candidate: Policies | undefined;
}

export interface DecisionPointOptions {
  policies: () => CurrentPolicies;
  counting: Pick<Counting, "count">;
  labels: Pick<SessionLabels, "read">;
  /** Evaluates large calls apart from all others. */
  large?: Pick<LargeEvaluator, "evaluate"> | undefined;
  now: () => Date;
  log: Log;
}

/** What of a decision stands before the counters are asked. */
interface Draft {
  active: Policies;
  facts: EvaluationFacts;
  evaluation: Evaluation;
}

const NOTHING: Counted = { refusal: undefined, counters: [], degraded: [], shadows: [], leases: [] };
const NOT_TRIED: readonly ShadowDenial[] = [];

/**
 * The PDP: gathers the facts with at most one round trip to the counters, and one to the labels of the session where a rule asks for
 * them. A denied call uses up no permit.
 */
export function createDecisionPoint(options: DecisionPointOptions): DecisionPoint {
  const { policies, counting, large, now, log } = options;
  const readLabels = createReader(options);
  const evaluator = createEvaluator(large);
  const trial = createTrial({ counting, evaluator, log });

  async function factsFor({ active, candidate }: CurrentPolicies, request: DecisionRequest): Promise<EvaluationFacts> {
    const at = now();
    const isAsked =
      readsSession(active, request) || (candidate !== undefined && trial.readsSession(candidate, request));
    return { now: at, labels: isAsked ? await readLabels(request.sessionId) : [] };
  }

  async function decideBy(current: CurrentPolicies, asked: AskedRequest): Promise<Decision> {
    const { active, candidate } = current;
    const facts = await factsFor(current, asked);
    const { evaluation, request } = await evaluator(active, asked, facts);
    const draft = { active, facts, evaluation };
    if (evaluation.early) return decision(draft, NOTHING, []);
    const isTaken = evaluation.late === undefined;
    // Begun first, so that the candidate's look at a counter does not see what this call takes.
    const trying = candidate && isTaken ? trial.denials(candidate, asked, facts) : NOT_TRIED;
    if (isLarge(asked)) await trying;
    const limits = limitsOf(active, request, facts.now);
    const counted = await counting.count(limits, { holder: request.callId, isTaken });
    return decision(draft, counted, await trying);
  }

  function refusalFor(error: unknown, { callId, server }: DecisionRequest): Refusal {
    if (error instanceof UncheckedArguments) {
      const reason = `Arguments cannot be checked: ${error.message}`;
      return { code: "unchecked_arguments", rule: `${server}.arguments`, reason };
    }
    log.error({ err: error, callId, server }, "could not decide");
    return undecided(server, "the policy could not be evaluated");
  }

  return {
    async decide(request) {
      const current = policies();
      try {
        return await decideBy(current, request);
      } catch (error) {
        return { ...deny(refusalFor(error, request)), decisionId: randomUUID(), revision: current.active.revision };
      }
    },
  };
}

/** The decision on a request that does not say what is to be decided. */
export function denyUnreadable(): Decision {
  const reason = "Governance error: the decision request cannot be read";
  return {
    ...deny({ code: "policy_error", rule: "policy.request", reason }),
    decisionId: randomUUID(),
    revision: "none",
  };
}

function deny(refusal: Refusal) {
  return { effect: "deny" as const, facts: null, shadows: [], degraded: [], ...refusal };
}

/** The counters' refusal comes before that of the patterns. */
function decision(draft: Draft, counted: Counted, tried: readonly ShadowDenial[]): Decision {
  const { active, evaluation, facts } = draft;
  const { revision } = active;
  const refusal = evaluation.early ?? counted.refusal ?? evaluation.late;
  const common = {
    decisionId: randomUUID(),
    revision,
    facts: factsOf(facts, counted),
    degraded: [...evaluation.degraded, ...counted.degraded],
  };
  if (refusal) return { effect: "deny", ...common, shadows: [], ...refusal };
  const own = [...evaluation.shadows, ...counted.shadows].map((shadow: Shadow) => ({ ...shadow, revision }));
  const obligations = obligationsOf(evaluation, counted);
  return { effect: "permit", ...common, shadows: [...own, ...tried], rule: evaluation.rule, obligations };
}

function factsOf({ now, labels = [] }: EvaluationFacts, { counters }: Counted): DecisionFacts {
  return { at: now.toISOString(), labels: [...labels], counters: [...counters] };
}

function obligationsOf({ obligations, labels }: Evaluation, { leases }: Counted): Obligation[] {
  if (labels.length === 0 && leases.length === 0) return [...obligations];
  return [...obligations, { kind: "report", labels: [...labels], leases: [...leases] }];
}

function createReader({
  labels,
  log,
}: DecisionPointOptions): (sessionId: string) => Promise<readonly string[] | undefined> {
  let areLost = false;
  return async (sessionId) => {
    try {
      const found = await labels.read(sessionId);
      areLost = false;
      return found;
    } catch (error) {
      // Once per outage: each call of it is recorded as a decision anyway.
      if (!areLost) log.warn({ err: error }, "the labels of sessions cannot be read");
      areLost = true;
      return undefined;
    }
  };
}
