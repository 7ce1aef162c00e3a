import type { Changes, Example, ReplayReport } from "@mcp-governance-bridge/policy";
import { columns } from "../columns.ts";

interface Titles {
  /** The candidate. */
  name: string;
  record: string;
  from: Date;
}

const ROWS = 20;

/** What would change, for people to read. */
export function replayText(report: ReplayReport, { name, record, from }: Titles): string[] {
  const { read, byRule, byTool, byPrincipal, examples } = report;
  return [
    `${read} calls of ${record} since ${from.toISOString()}, decided again by ${name}`,
    "",
    ...summary(report),
    ...table(["rule"], byRule, ({ rule }) => [rule]),
    ...table(["server", "tool"], byTool, ({ server, target }) => [server, target]),
    ...table(["principal"], byPrincipal, ({ principal }) => [principal]),
    ...examplesText(examples),
    ...remarks(report),
  ];
}

function summary(report: ReplayReport): string[] {
  const { same, newlyDenied, newlyPermitted, otherObligations, otherRule, notReplayed } = report;
  return columns([
    ["as before", same],
    ["as before, by another rule", otherRule],
    ["newly denied", newlyDenied],
    ["newly permitted", newlyPermitted],
    ["permitted, with other rules on the result", otherObligations],
    ...notReplayed.map(({ why, calls }) => [`not decided again: ${why}`, calls]),
  ]);
}

function table<Row extends Changes>(
  names: readonly string[],
  rows: readonly Row[],
  namesOf: (row: Row) => readonly string[],
): string[] {
  if (rows.length === 0) return [];
  const more = rows.length > ROWS ? [`  … and ${rows.length - ROWS} more`] : [];
  const cells = rows
    .slice(0, ROWS)
    .map((row) => [...namesOf(row), row.newlyDenied, row.newlyPermitted, row.otherObligations]);
  const head = [...names, "newly denied", "newly permitted", "other results"];
  return ["", ...columns([head, ...cells]), ...more];
}

function examplesText(examples: readonly Example[]): string[] {
  if (examples.length === 0) return [];
  const rows = examples.map(({ at, change, server, target, principal, decisionId, ...example }) => [
    at,
    `${server} ${target}`,
    principal,
    describeChange(change, example),
    decisionId,
  ]);
  return ["", "the first of each kind:", ...columns(rows)];
}

function describeChange(change: Example["change"], { before, after }: Pick<Example, "before" | "after">): string {
  switch (change) {
    case "newly denied":
      return `newly denied by ${after.rule}`;
    case "newly permitted":
      return `newly permitted, was denied by ${before.rule}`;
    case "obligations":
      return "other rules on the result";
    case "rule":
      return `by ${after.rule ?? "no rule"}, was by ${before.rule ?? "no rule"}`;
  }
}

function remarks({ counters, assumed }: ReplayReport): string[] {
  const lines = [...countersText(counters), ...assumed.map(({ note, calls }) => `${note} (${calls} calls)`)];
  return lines.length === 0 ? [] : ["", ...lines];
}

/** Clocks of several replicas differ, and so does what came before the record. */
function countersText({ compared, same }: ReplayReport["counters"]): string[] {
  if (compared === same) return [];
  return [
    `Counts of limits came out as on record ${same} times of ${compared}: near a limit, take this as an estimate.`,
  ];
}
