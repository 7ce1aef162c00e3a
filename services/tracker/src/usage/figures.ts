import type { Collection, Document } from "../record-store.ts";

/** Spans of time that figures are kept for. */
export const SPANS = {
  minute: { collection: "usage_minutes", ms: 60_000 },
  hour: { collection: "usage_hours", ms: 3_600_000 },
  day: { collection: "usage_days", ms: 86_400_000 },
} as const satisfies Record<string, { collection: Collection; ms: number }>;
export type Span = keyof typeof SPANS;

/**
 * What figures are counted by; the members that name it. A span has one document for each combination that occurred;
 * beyond `MAX_COMBINATIONS` the least used are counted together, under null for all but their server.
 * `server`, `tool`, `principal`: calls. `pair`: calls of one principal to one tool, of hours and days only.
 * `rule`: denials, and denials that a rule on trial would have made. `permit`: permits, by the rule that allowed.
 */
export const GROUPINGS = {
  server: ["server_name"],
  tool: ["server_name", "tool_name", "method"],
  principal: ["principal"],
  pair: ["principal", "server_name", "tool_name", "method"],
  rule: ["server_name", "rule", "code", "shadow"],
  permit: ["server_name", "rule"],
} as const;
export type Grouping = keyof typeof GROUPINGS;

export const MAX_COMBINATIONS = 2_000;
export const MAX_PRINCIPALS = 100;

/** Sums over the calls (of `rule` and `permit`: the decisions) of one span and combination. UTC spans; a call belongs to the one in which it arrived. */
export interface Figures extends Document, Sums {
  grouping: Grouping;
  /** Beginning of the span. */
  timestamp: Date;
}

export interface Sums {
  calls: number;
  success: number;
  error: number;
  /** 0 for what a rule on trial would have denied. */
  denied: number;
  /** Whose end nobody saw, or that are under way. */
  unknown: number;
  /** Milliseconds, of calls that were let through and ended. */
  duration: { count: number; sum: number; min: number | null; max: number | null; histogram: Histogram };
  /** Calls that are in `duration` and whose time is known by its parts: divisor of the next three. */
  timed: number;
  policy_ms: number;
  upstream_ms: number;
  gateway_ms: number;
  input_chars: number;
  output_chars: number;
  /** Calls whose output has a known size: divisor of `output_chars`. */
  outputs: number;
  /** Denials by their code. */
  denials: { code: string; count: number }[];
  /** When the newest of them was. */
  last_at: Date | null;
  /** Of `rule` alone: who was denied, at most `MAX_PRINCIPALS`. */
  principals: string[];
}

/** Those that are numbers to be added. */
export const PLAIN_SUMS = [
  "calls",
  "success",
  "error",
  "denied",
  "unknown",
  "timed",
  "policy_ms",
  "upstream_ms",
  "gateway_ms",
  "input_chars",
  "output_chars",
  "outputs",
] as const satisfies readonly (keyof Sums)[];

/**
 * Durations by bucket: bucket `n` holds those above 2^((n-1)/8) and up to 2^(n/8) microseconds, bucket 0 all up to one,
 * so that a percentile is within 4.5 percent. Those that hold any, in ascending order, and beside them how many.
 */
export interface Histogram {
  buckets: number[];
  counts: number[];
}
