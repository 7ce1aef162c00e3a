import { randomUUID } from "node:crypto";
import type { Decision, DecisionRequest, Log } from "@mcp-governance-bridge/shared";
import { type Facts, firstRefusal, type Refusal } from "./checks/check.ts";
import type { Policies, ServerPolicy } from "./compile-policies.ts";
import type { CounterStore, Grant } from "./counter-store.ts";

/** Decides whether a call may pass. Never rejects: what cannot be decided is denied. */
export interface DecisionPoint {
  decide(request: DecisionRequest): Promise<Decision>;
}

export interface DecisionPointOptions {
  policies: Policies;
  counters: CounterStore;
  now: () => Date;
  log: Log;
}

/** The PDP: gathers the facts with at most one round trip to the counters. A denied call uses up no permit. */
export function createDecisionPoint({ policies, counters, now, log }: DecisionPointOptions): DecisionPoint {
  let areCountersLost = false;

  async function refusalOf(request: DecisionRequest): Promise<Refusal | undefined> {
    const { server } = request;
    const policy = policies.servers.get(server);
    if (!policy) return undecided(server, `no policy for server ${server}`);
    try {
      return await refusalBy(policy, request);
    } catch (error) {
      log.error({ err: error, callId: request.callId, server }, "could not decide");
      return undecided(server, "the policy could not be evaluated");
    }
  }

  async function refusalBy(policy: ServerPolicy, request: DecisionRequest): Promise<Refusal | undefined> {
    const facts: Facts = { now: now() };
    const early = firstRefusal(policy.beforeCounting, request, facts);
    if (early) return early;

    const late = firstRefusal(policy.afterCounting, request, facts);
    const grant = await count(policy, late === undefined);
    if (!grant) return unreachable(request.server);
    return policy.counted(grant) ?? late;
  }

  async function count({ limits }: ServerPolicy, isTaken: boolean): Promise<Grant | undefined> {
    try {
      const grant = await (isTaken ? counters.take(limits) : counters.peek(limits));
      areCountersLost = false;
      return grant;
    } catch (error) {
      // Once per outage: each call of it is recorded as a decision anyway.
      if (!areCountersLost) log.warn({ err: error }, "calls are denied for want of counters");
      areCountersLost = true;
      return undefined;
    }
  }

  return {
    async decide(request) {
      const refusal = await refusalOf(request);
      const identity = { decisionId: randomUUID(), revision: policies.revision };
      return refusal ? { effect: "deny", ...identity, ...refusal } : { effect: "permit", ...identity, obligations: [] };
    },
  };
}

/** The decision on a request that does not say what is to be decided. */
export function denyUnreadable(): Decision {
  return {
    effect: "deny",
    decisionId: randomUUID(),
    revision: "none",
    code: "policy_error",
    rule: "policy.request",
    reason: "Governance error: the decision request cannot be read",
  };
}

function undecided(server: string, reason: string): Refusal {
  return { code: "policy_error", rule: `${server}.policy`, reason: `Governance error: ${reason}` };
}

function unreachable(server: string): Refusal {
  return {
    code: "counters_unavailable",
    rule: `${server}.rate_limit`,
    reason: "Governance error: the rate counters are not reachable",
  };
}
