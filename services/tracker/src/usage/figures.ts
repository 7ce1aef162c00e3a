import type { Collection, Document } from "../record-store.ts";

/** Spans of time that figures are kept for. */
export const SPANS = {
  minute: { collection: "usage_minutes", ms: 60_000 },
  hour: { collection: "usage_hours", ms: 3_600_000 },
  day: { collection: "usage_days", ms: 86_400_000 },
} as const satisfies Record<string, { collection: Collection; ms: number }>;
export type Span = keyof typeof SPANS;

/**
 * What figures are counted by; the members that name it. A span has one document for each combination that occurred.
 * `server`, `tool`, `principal`: calls. `pair`: calls of one principal to one tool, of hours and days only.
 * `rule`: denials, and denials that a rule on trial would have made.
 */
export const GROUPINGS = {
  server: ["server_name"],
  tool: ["server_name", "tool_name", "method"],
  principal: ["principal"],
  pair: ["principal", "server_name", "tool_name", "method"],
  rule: ["server_name", "rule", "code", "shadow"],
} as const;
export type Grouping = keyof typeof GROUPINGS;

/** Sums over the calls of one span and combination. UTC spans; a call belongs to the one in which it arrived. */
export interface Figures extends Document {
  grouping: Grouping;
  /** Beginning of the span. */
  timestamp: Date;
  calls: number;
  success: number;
  error: number;
  denied: number;
  /** Whose end nobody saw, or that are under way. */
  unknown: number;
  /** Milliseconds, of calls that ended. */
  duration: { count: number; sum: number; min: number | null; max: number | null; histogram: Histogram };
  policy_ms: number;
  upstream_ms: number;
  gateway_ms: number;
  input_chars: number;
  output_chars: number;
  /** Denials by their code. */
  denials: { code: string; count: number }[];
}

/** Durations by bucket: bucket `n` holds those above 2^((n-1)/8) and up to 2^(n/8) microseconds, so that a percentile is within 4.5 percent. */
export type Histogram = { bucket: number; count: number }[];
