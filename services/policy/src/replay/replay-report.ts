import { type Change, differingObligations } from "./comparison.ts";
import type { RecordedCall, ReplayOutcome } from "./recorded-call.ts";

/** How many calls would come out otherwise. */
export interface Changes {
  newlyDenied: number;
  newlyPermitted: number;
  otherObligations: number;
}

export interface Example {
  decisionId: string;
  at: string;
  principal: string;
  server: string;
  target: string;
  change: Exclude<Change, "same">;
  before: Pick<ReplayOutcome, "effect" | "rule" | "code">;
  after: Pick<ReplayOutcome, "effect" | "rule" | "code"> & { reason: string | null };
}

/** What a candidate would have made of recorded calls. Plain JSON. */
export interface ReplayReport extends Changes {
  /** Calls read, those that could not be decided again included. */
  read: number;
  same: number;
  /** Calls that come out as they did, by another rule. */
  otherRule: number;
  notReplayed: { why: string; calls: number }[];
  /** The rule that would deny, that denied, or that is about the result. */
  byRule: ({ rule: string } & Changes)[];
  byTool: ({ server: string; target: string } & Changes)[];
  byPrincipal: ({ principal: string } & Changes)[];
  /** The first calls of each kind of change. */
  examples: Example[];
  /** Counts of limits that are on record: how many the simulation came to as well. */
  counters: { compared: number; same: number };
  /** What was assumed in place of what the record does not have, and for how many calls. */
  assumed: { note: string; calls: number }[];
}

/** What became of one call. */
export interface Replayed {
  call: RecordedCall;
  change: Change;
  after: ReplayOutcome & { reason: string | null };
}

const EXAMPLES = 5;

/** Adds up what becomes of calls. */
export function createReportBuilder() {
  const totals = { ...none(), read: 0, same: 0, otherRule: 0 };
  const counters = { compared: 0, same: 0 };
  const [byRule, byTool, byPrincipal] = [createTable(), createTable(), createTable()];
  const [obstacles, notes, shown] = [createTally(), createTally(), createTally()];
  const examples: Example[] = [];

  const addChange = ({ call, change, after }: Replayed, member: keyof Changes): void => {
    const { server, target, principal } = call.request;
    totals[member] += 1;
    for (const rule of rulesOf({ call, change, after })) byRule.at([rule])[member] += 1;
    byTool.at([server, target])[member] += 1;
    byPrincipal.at([principal])[member] += 1;
  };

  return {
    /** Its decision could not be made again. */
    skipped({ obstacle = "" }: RecordedCall): void {
      totals.read += 1;
      obstacles.add(obstacle);
    },
    /** `counts`: for each limit that can be compared, whether as much was in use. */
    replayed(replayed: Replayed, counts: readonly boolean[]): void {
      const { call, change } = replayed;
      totals.read += 1;
      for (const note of call.notes) notes.add(note);
      counters.compared += counts.length;
      counters.same += counts.filter(Boolean).length;
      if (change === "same") {
        totals.same += 1;
        return;
      }
      if (change === "rule") totals.otherRule += 1;
      else addChange(replayed, MEMBERS[change]);
      if (shown.add(change) <= EXAMPLES) examples.push(exampleOf(replayed, change));
    },
    report: (): ReplayReport => ({
      ...totals,
      notReplayed: obstacles.rows().map(([why, calls]) => ({ why, calls })),
      byRule: byRule.rows().map(([[rule = ""], changes]) => ({ rule, ...changes })),
      byTool: byTool.rows().map(([[server = "", target = ""], changes]) => ({ server, target, ...changes })),
      byPrincipal: byPrincipal.rows().map(([[principal = ""], changes]) => ({ principal, ...changes })),
      examples,
      counters,
      assumed: notes.rows().map(([note, calls]) => ({ note, calls })),
    }),
  };
}

/** Whether a call would come out otherwise than it did. */
export function hasChanges({ newlyDenied, newlyPermitted, otherObligations }: Changes): boolean {
  return newlyDenied + newlyPermitted + otherObligations > 0;
}

const MEMBERS = {
  "newly denied": "newlyDenied",
  "newly permitted": "newlyPermitted",
  obligations: "otherObligations",
} as const;

function none(): Changes {
  return { newlyDenied: 0, newlyPermitted: 0, otherObligations: 0 };
}

function rulesOf({ call, change, after }: Replayed): string[] {
  if (change === "obligations") return differingObligations(call.outcome, after);
  return [(change === "newly denied" ? after.rule : call.outcome.rule) ?? ""];
}

function exampleOf({ call, after }: Replayed, change: Example["change"]): Example {
  const { principal, server, target } = call.request;
  const { effect, rule, code } = call.outcome;
  return {
    decisionId: call.decisionId,
    at: call.at.toISOString(),
    ...{ principal, server, target, change },
    before: { effect, rule, code },
    after: { effect: after.effect, rule: after.rule, code: after.code, reason: after.reason },
  };
}

function createTally() {
  const counts = new Map<string, number>();
  return {
    /** How often it has been added. */
    add(name: string): number {
      const count = (counts.get(name) ?? 0) + 1;
      counts.set(name, count);
      return count;
    },
    rows: () => [...counts].sort(([, one], [, other]) => other - one),
  };
}

function createTable() {
  const rows = new Map<string, { key: readonly string[]; changes: Changes }>();
  return {
    at(key: readonly string[]): Changes {
      const name = JSON.stringify(key);
      const row = rows.get(name) ?? { key, changes: none() };
      rows.set(name, row);
      return row.changes;
    },
    /** The most changed first. */
    rows: () =>
      [...rows.values()]
        .map(({ key, changes }) => [key, changes] as const)
        .sort(([, one], [, other]) => sum(other) - sum(one)),
  };
}

function sum({ newlyDenied, newlyPermitted, otherObligations }: Changes): number {
  return newlyDenied + newlyPermitted + otherObligations;
}
