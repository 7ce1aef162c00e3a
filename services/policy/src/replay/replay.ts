import type { Decision, DecisionRequest } from "@mcp-governance-bridge/shared";
import type { Policies } from "../compile-policies.ts";
import { compare, outcomeOf } from "./comparison.ts";
import { createPendingEnds } from "./pending-ends.ts";
import type { RecordedCall } from "./recorded-call.ts";
import { createReportBuilder, type ReplayReport } from "./replay-report.ts";
import { createSimulation, type Held, heldBy, type Simulation, type SimulationStores } from "./simulation.ts";

export interface ReplayOptions {
  policies: Policies;
  stores: SimulationStores;
  /** Earlier calls only leave behind what they used up. */
  from: Date;
}

/**
 * Decides recorded calls again by other policies, on the recorded time, and adds up what would change. The calls come in the
 * order in which they were decided on.
 */
export async function replay(calls: AsyncIterable<RecordedCall>, options: ReplayOptions): Promise<ReplayReport> {
  const { policies, stores, from } = options;
  const simulation = createSimulation(policies, stores);
  const ends = createEnds(simulation);
  const report = createReportBuilder();

  async function decideAgain(call: RecordedCall): Promise<Decision | undefined> {
    const { request, at, obstacle, outcome } = call;
    await ends.until(at);
    await ends.greet(call);
    if (obstacle === undefined) {
      const decision = await simulation.decide(request, at);
      if (decision.effect === "permit") ends.begin(call, heldBy(decision));
      return decision;
    }
    if (outcome.effect === "permit") ends.begin(call, await simulation.admit(request, at));
    return undefined;
  }

  for await (const call of calls) {
    const decision = await decideAgain(call);
    if (call.at < from) continue;
    if (decision) report.replayed(replayed(call, decision), counts(call, decision));
    else report.skipped(call);
  }
  return report.report();
}

function replayed(call: RecordedCall, decision: Decision) {
  const after = { ...outcomeOf(decision), reason: decision.effect === "deny" ? decision.reason : null };
  return { call, change: compare(call.outcome, after), after };
}

/** Whether limits that were asked then, and are asked in the same way, have as much in use. */
function counts({ counters }: RecordedCall, { facts }: Decision): boolean[] {
  const simulated = facts?.counters ?? [];
  return counters.flatMap((recorded, index) => {
    const same = simulated[index];
    const isSameLimit = same?.rule === recorded.rule && same.permits === recorded.permits;
    return isSameLimit ? [same.used === recorded.used] : [];
  });
}

/** The ends of calls, and what they leave behind. */
function createEnds(simulation: Simulation) {
  const pending = createPendingEnds();
  const lasted = new Map<string, number>();
  const met = new Set<string>();

  /** A call that was denied has no end on record: it is taken to last as long as the last one of its kind. */
  const endOf = ({ request, at, outcome, end }: RecordedCall): RecordedCall["end"] => {
    const kind = kindOf(request);
    if (outcome.effect === "deny") return { at: new Date(at.getTime() + (lasted.get(kind) ?? 0)), isAnswered: true };
    if (end) lasted.set(kind, Math.max(0, end.at.getTime() - at.getTime()));
    return end;
  };

  return {
    begin(call: RecordedCall, held: Held): void {
      const end = endOf(call);
      if (end && held.labels.length + held.leases.length > 0) pending.add({ request: call.request, held, ...end });
    },
    async until(at: Date): Promise<void> {
      for (const { request, held, ...end } of pending.until(at)) await simulation.end(request, held, end);
    },
    /** A session that is met for the first time carries what it carried then. */
    async greet({ request, labels, at }: RecordedCall): Promise<void> {
      if (met.has(request.sessionId)) return;
      met.add(request.sessionId);
      await simulation.label(request.sessionId, labels, at);
    },
  };
}

function kindOf({ server, method, target }: DecisionRequest): string {
  return JSON.stringify([server, method, target]);
}
