import { randomUUID } from "node:crypto";
import type { DecisionRequest } from "@mcp-governance-bridge/shared";
import { createMemoryCounterStore } from "../src/adapters/memory-counter-store.ts";
import { createMemorySessionLabels } from "../src/adapters/memory-session-labels.ts";
import { compilePolicies } from "../src/compile-policies.ts";
import { outcomeOf } from "../src/replay/comparison.ts";
import type { RecordedCall } from "../src/replay/recorded-call.ts";
import { replay } from "../src/replay/replay.ts";
import { createSimulation, heldBy, type SimulationStores } from "../src/replay/simulation.ts";
import { aDocument, aRequest, type DocumentParts } from "./builders.ts";

/** A Thursday, half past twelve in UTC. */
const START = Date.parse("2026-01-15T12:30:00Z");

export const memoryStores: SimulationStores = {
  counters: (clock) => createMemoryCounterStore(clock, clock),
  labels: (clock) => createMemorySessionLabels({ ttlMs: 3_600_000, now: clock }),
};

/** So many milliseconds after the beginning. */
export const at = (ms: number): Date => new Date(START + ms);

interface Parts extends Partial<Omit<RecordedCall, "request" | "at" | "end">> {
  request?: Partial<DecisionRequest>;
  /** Milliseconds after the beginning. */
  ms?: number;
  /** Milliseconds after the beginning; undefined where nobody saw it. */
  endMs?: number | undefined;
}

/** A call that was permitted and ended at once with an answer; a test names only what matters to it. */
export function aRecordedCall(parts: Parts = {}): RecordedCall {
  const { request = {}, ms = 0, endMs = "endMs" in parts ? undefined : ms, ...rest } = parts;
  return {
    decisionId: randomUUID(),
    request: aRequest({ callId: randomUUID(), ...request }),
    at: at(ms),
    outcome: { effect: "permit", rule: null, code: null, obligations: [] },
    labels: [],
    counters: [],
    end: endMs === undefined ? undefined : { at: at(endMs), isAnswered: true },
    obstacle: undefined,
    notes: [],
    ...rest,
  };
}

/** A call that a rule denied. */
export function aDeniedCall(parts: Parts = {}): RecordedCall {
  const outcome = { effect: "deny" as const, rule: "weather.rate_limit", code: "rate_limit", obligations: [] };
  return aRecordedCall({ outcome, endMs: undefined, ...parts });
}

/** Replays the calls by a document. Those before `fromMs` are not reported. */
export function replayed(calls: readonly RecordedCall[], parts: DocumentParts, fromMs = 0) {
  async function* source() {
    yield* calls;
  }
  const policies = compilePolicies(aDocument(parts), "candidate");
  return replay(source(), { policies, stores: memoryStores, from: at(fromMs) });
}

interface Made {
  request: DecisionRequest;
  ms: number;
  /** Undefined for a call that never ends. */
  lastsMs: number | undefined;
}

/** What the record has of calls that were decided by a document, each at its time. */
export async function recordOf(made: readonly Made[], parts: DocumentParts): Promise<RecordedCall[]> {
  const simulation = createSimulation(compilePolicies(aDocument(parts), "active"), memoryStores);
  const begun = made.map(({ ms, lastsMs, ...call }) => ({
    call: { ...call, request: { ...call.request, callId: randomUUID() } },
    at: at(ms),
    endAt: lastsMs === undefined ? undefined : at(ms + lastsMs),
  }));
  const calls: RecordedCall[] = [];
  const open = new Map<RecordedCall, Date>();
  const endUntil = async (time: Date): Promise<void> => {
    const ended = [...open]
      .filter(([, endAt]) => endAt <= time)
      .sort(([, one], [, other]) => one.getTime() - other.getTime());
    for (const [call, endAt] of ended) {
      open.delete(call);
      await simulation.end(call.request, held.get(call) ?? { labels: [], leases: [] }, { at: endAt, isAnswered: true });
    }
  };
  const held = new Map<RecordedCall, ReturnType<typeof heldBy>>();
  for (const { call, at: time, endAt } of begun) {
    await endUntil(time);
    const decision = await simulation.decide(call.request, time);
    const isPermit = decision.effect === "permit";
    const recorded: RecordedCall = {
      ...aRecordedCall(),
      ...call,
      at: time,
      decisionId: decision.decisionId,
      outcome: outcomeOf(decision),
      labels: decision.facts?.labels ?? [],
      counters: decision.facts?.counters ?? [],
      end: isPermit && endAt ? { at: endAt, isAnswered: true } : undefined,
    };
    calls.push(recorded);
    held.set(recorded, heldBy(decision));
    if (isPermit && endAt) open.set(recorded, endAt);
  }
  return calls;
}
