import type { Document } from "../record-store.ts";
import { GROUPINGS, type Grouping, type Sums } from "./figures.ts";
import { addCall, addDenial, addPermit, addSums } from "./sums.ts";
import { createTally, type Tally } from "./tally.ts";

/** The figures of one span while they are added up. */
export type Tallies = Record<Grouping, Tally>;

export function createTallies(): Tallies {
  const tallies = Object.entries(GROUPINGS).map(([grouping, names]) => [grouping, createTally(names)]);
  return Object.fromEntries(tallies) as Tallies;
}

/** Members of a `tool_logs` document that figures are made of. */
export const CALL_MEMBERS = [
  "server_name",
  "tool_name",
  "method",
  "principal",
  "status",
  "counted",
  "duration_ms",
  "policy_ms",
  "upstream_ms",
  "gateway_ms",
  "input_size",
  "output_size",
  "denial",
];

export function tallyCall(tallies: Tallies, call: Document): void {
  if (call.counted === false) return;
  const { server_name, tool_name, method, principal } = call;
  addCall(tallies.server.of(server_name), call);
  addCall(tallies.tool.of(server_name, tool_name, method), call);
  addCall(tallies.principal.of(principal), call);
  addCall(tallies.pair.of(principal, server_name, tool_name, method), call);
}

/** Members of a `governance_logs` document that figures are made of. */
export const DECISION_MEMBERS = ["server_name", "decision", "rule", "policy_violation", "principal", "shadows"];

/** Every decision counts, whether or not usage of its server is counted: denials are never left out. */
export function tallyDecision(tallies: Tallies, decision: Document): void {
  const { server_name, rule, policy_violation } = decision;
  const principal = String(decision.principal);
  const at = decision.timestamp as Date;
  const deny = (by: unknown, code: unknown, isShadow: boolean): void => {
    const sums = tallies.rule.of(server_name, by, code, isShadow);
    addDenial(sums, { at, code: String(code), principal, isShadow });
  };
  if (decision.decision === "denied") deny(rule, policy_violation, false);
  else addPermit(tallies.permit.of(server_name, rule), at);
  for (const shadow of (decision.shadows ?? []) as Document[]) deny(shadow.rule, shadow.code, true);
}

/** Adds figures of a smaller span. */
export function tallySums(tallies: Tallies, grouping: Grouping, figures: Document & Sums): void {
  const values = GROUPINGS[grouping].map((name) => figures[name]);
  addSums(tallies[grouping].of(...values), figures);
}
