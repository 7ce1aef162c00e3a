import type { DecisionRequest, Obligation } from "@mcp-governance-bridge/shared";

/** How a call came out, or would. */
export interface ReplayOutcome {
  effect: "permit" | "deny";
  rule: string | null;
  code: string | null;
  obligations: readonly Obligation[];
}

/** A call on record, as a replay needs it. */
export interface RecordedCall {
  decisionId: string;
  request: DecisionRequest;
  /** The time that the decision went by. */
  at: Date;
  outcome: ReplayOutcome;
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
