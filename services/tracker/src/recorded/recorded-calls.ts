import type { DecisionRequest, Degradation, Obligation } from "@mcp-governance-bridge/shared";
import type { Document, RecordStore } from "../record-store.ts";
import { decisionsSince } from "./decision-records.ts";
import { type DecisionRecord, requestOf } from "./request-of.ts";

/** A call on record, with what decided on it and how it came out. */
export interface RecordedCall {
  decisionId: string;
  request: DecisionRequest;
  /** The time that the decision went by. */
  at: Date;
  outcome: {
    effect: "permit" | "deny";
    rule: string | null;
    code: string | null;
    obligations: readonly Obligation[];
  };
  /** The labels that the session carried, where they were read. */
  labels: readonly string[];
  /** The limits that were asked. */
  counters: readonly { rule: string; used: number; permits: number }[];
  /** When a permitted call ended, and whether with an answer; undefined where nobody saw that. */
  end: { at: Date; isAnswered: boolean } | undefined;
  /** Why its decision cannot be made again; undefined where it can. */
  obstacle: string | undefined;
  /** What is assumed in place of what the record does not have, one sentence each. */
  notes: readonly string[];
}

/** Decisions are recorded so much later than they are made, at most. */
const LATE_MS = 10_000;

/** The calls decided on since then, in the order in which they were. Holds some seconds of them in memory. */
export async function* recordedCalls(source: Pick<RecordStore, "aggregate">, from: Date): AsyncGenerator<RecordedCall> {
  let waiting: RecordedCall[] = [];
  for await (const page of decisionsSince(source, from)) {
    waiting = [...waiting, ...page.map(toRecordedCall)].sort(byOrder);
    const settledAt = latest(page) - LATE_MS;
    const pending = waiting.findIndex(({ at }) => at.getTime() > settledAt);
    yield* waiting.splice(0, pending === -1 ? waiting.length : pending);
  }
  yield* waiting;
}

function latest(page: readonly DecisionRecord[]): number {
  return Math.max(...page.map(({ decision }) => (decision.timestamp as Date).getTime()));
}

/** Of what was decided in the same millisecond, the less was in use, the earlier. */
function byOrder(one: RecordedCall, other: RecordedCall): number {
  return one.at.getTime() - other.at.getTime() || usedBy(one) - usedBy(other);
}

function usedBy({ counters }: RecordedCall): number {
  return counters.reduce((sum, { used }) => sum + used, 0);
}

interface Facts {
  at: Date;
  labels: readonly string[];
  counters: RecordedCall["counters"];
}

function toRecordedCall(record: DecisionRecord): RecordedCall {
  const { decision, call } = record;
  const { request, missing, notes } = requestOf(record);
  const facts = (decision.facts ?? undefined) as Facts | undefined;
  return {
    decisionId: String(decision.decision_id),
    request,
    at: facts?.at ?? (decision.timestamp as Date),
    outcome: outcomeOf(decision),
    labels: facts?.labels ?? [],
    counters: facts?.counters ?? [],
    end: endOf(call),
    obstacle: obstacleOf(decision) ?? (missing && `its arguments ${missing}`),
    notes,
  };
}

function outcomeOf({ decision, rule, policy_violation, obligations }: Document): RecordedCall["outcome"] {
  return {
    effect: decision === "allowed" ? "permit" : "deny",
    rule: rule as string | null,
    code: policy_violation as string | null,
    obligations: (obligations ?? []) as readonly Obligation[],
  };
}

function endOf(call: Document | undefined): RecordedCall["end"] {
  const outcome = call?.outcome as { transport: string } | null | undefined;
  if (!(outcome && call?.end_time instanceof Date)) return undefined;
  return { at: call.end_time, isAnswered: outcome.transport === "ok" };
}

const AWAY = ["counters_unavailable", "labels_unavailable"];

/** What came of an outage says nothing about rules. */
function obstacleOf({ facts, policy_violation, degraded }: Document): string | undefined {
  if (!facts) return "no policy was reached";
  const isDegraded = (degraded as readonly Degradation[]).some(({ dependency }) => dependency !== "condition");
  return isDegraded || AWAY.includes(String(policy_violation)) ? "counters or labels were away" : undefined;
}
