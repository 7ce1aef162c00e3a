import { type Decision, type DecisionRequest, silentLog } from "@mcp-governance-bridge/shared";
import type { Policies } from "../compile-policies.ts";
import type { CounterStore } from "../counter-store.ts";
import { createCounting } from "../counting.ts";
import { createDecisionPoint } from "../decision-point.ts";
import { limitsOf } from "../evaluate.ts";
import type { SessionLabels } from "../session-labels.ts";

/** What a simulation counts and remembers with, on the clock it is given: milliseconds since 1970. */
export interface SimulationStores {
  counters(clock: () => number): CounterStore;
  labels(clock: () => number): SessionLabels;
}

/** What a permitted call gives back, and what its session carries, at its end. */
export interface Held {
  labels: readonly string[];
  leases: readonly string[];
}

/** A decision point with a clock, counters and sessions of its own. Its clock does not run backwards: what comes late comes at once. */
export interface Simulation {
  decide(request: DecisionRequest, at: Date): Promise<Decision>;
  /** A call that passes, whatever rules and limits say: it takes what it costs. */
  admit(request: DecisionRequest, at: Date): Promise<Held>;
  /** The end of a call; only with an answer does its session carry its labels. */
  end(request: DecisionRequest, held: Held, end: { at: Date; isAnswered: boolean }): Promise<void>;
  /** Labels that a session carries from then on. Resolves to all of them. */
  label(sessionId: string, labels: readonly string[], at: Date): Promise<readonly string[]>;
}

export function createSimulation(policies: Policies, stores: SimulationStores): Simulation {
  let ms = 0;
  const clock = () => ms;
  const labels = stores.labels(clock);
  const store = stores.counters(clock);
  const counting = createCounting({ store, local: store, log: silentLog });
  const current = { active: policies, candidate: undefined };
  const { decide } = createDecisionPoint({
    policies: () => current,
    counting,
    labels,
    now: () => new Date(ms),
    log: silentLog,
  });
  const advance = (at: Date): void => {
    ms = Math.max(ms, at.getTime());
  };

  return {
    decide(request, at) {
      advance(at);
      return decide(request);
    },
    async admit(request, at) {
      advance(at);
      const limits = limitsOf(policies, request, new Date(ms));
      const { leases } = await counting.count(limits, { holder: request.callId, isTaken: true });
      return { leases, labels: policies.servers.get(request.server)?.planOf(request).labels ?? [] };
    },
    async end({ callId, sessionId }, held, { at, isAnswered }) {
      advance(at);
      if (isAnswered) await labels.add(sessionId, held.labels);
      await counting.release(held.leases, callId);
    },
    async label(sessionId, given, at) {
      advance(at);
      await labels.add(sessionId, given);
      return labels.read(sessionId);
    },
  };
}

/** What a permit asks to be told of at the end of the call. */
export function heldBy(decision: Decision): Held {
  const obligations = decision.effect === "permit" ? decision.obligations : [];
  return obligations.find((obligation) => obligation.kind === "report") ?? NOTHING;
}

const NOTHING: Held = { labels: [], leases: [] };
