import { z } from "zod";
import type { Document } from "../record-store.ts";
import { percentile } from "../usage/histogram.ts";
import { type RunningSums, sumsOf } from "../usage/sums.ts";
import type { Combination } from "../usage/tally.ts";

const count = z.int().nonnegative();
const percent = z.number().min(0).max(100).nullable();
const milliseconds = z.number().nonnegative().nullable();

/** What figures say of calls; the seed's names where it has them. */
export const CallFigures = z
  .object({
    total_calls: count,
    successful_calls: count,
    failed_calls: count,
    denied_calls: count,
    unknown_calls: count.describe("Whose end nobody saw, or that are under way"),
    success_rate: percent.describe("Percent of the calls that ended, denied ones included; null where none did"),
    avg_duration_ms: milliseconds.describe("Of calls that were let through and ended; null where there are none"),
    min_duration_ms: milliseconds,
    max_duration_ms: milliseconds,
    p50_duration_ms: milliseconds.describe("Percentiles are within 4.5 percent"),
    p90_duration_ms: milliseconds,
    p95_duration_ms: milliseconds,
    p99_duration_ms: milliseconds,
    avg_output_size: z.number().nonnegative().nullable().describe("Characters; null where none is known"),
    last_call_at: z.iso.datetime().nullable(),
  })
  .meta({ id: "CallFigures", description: "Figures of some calls" });

export function callFigures(sums: RunningSums): z.input<typeof CallFigures> {
  const { success, error, denied, outputs, output_chars, last_at } = sums;
  return {
    total_calls: sums.calls,
    successful_calls: success,
    failed_calls: error,
    denied_calls: denied,
    unknown_calls: sums.unknown,
    success_rate: share(success, success + error + denied),
    ...durations(sums),
    avg_output_size: ratio(output_chars, outputs),
    last_call_at: last_at?.toISOString() ?? null,
  };
}

const PERCENTILES = { p50_duration_ms: 50, p90_duration_ms: 90, p95_duration_ms: 95, p99_duration_ms: 99 } as const;

type Durations = Pick<
  z.input<typeof CallFigures>,
  "avg_duration_ms" | "min_duration_ms" | "max_duration_ms" | keyof typeof PERCENTILES
>;

export function durations(sums: RunningSums): Durations {
  const { count: ended, sum, min, max, histogram } = sumsOf(sums).duration;
  const of = (name: keyof typeof PERCENTILES): number | null => {
    const ms = percentile(histogram, PERCENTILES[name]);
    return ms === null ? null : rounded(Math.min(Math.max(ms, min ?? ms), max ?? ms));
  };
  return {
    avg_duration_ms: ratio(sum, ended),
    min_duration_ms: min,
    max_duration_ms: max,
    p50_duration_ms: of("p50_duration_ms"),
    p90_duration_ms: of("p90_duration_ms"),
    p95_duration_ms: of("p95_duration_ms"),
    p99_duration_ms: of("p99_duration_ms"),
  };
}

/** Where the time of calls went. */
export const TimeParts = z.object({
  gateway_ms: milliseconds.describe("Averages over the calls whose time is known by its parts; null where none is"),
  policy_ms: milliseconds,
  upstream_ms: milliseconds,
});

export function timeParts({ timed, gateway_ms, policy_ms, upstream_ms }: RunningSums): z.input<typeof TimeParts> {
  return {
    gateway_ms: ratio(gateway_ms, timed),
    policy_ms: ratio(policy_ms, timed),
    upstream_ms: ratio(upstream_ms, timed),
  };
}

/** Decisions, whether or not usage of their servers is counted. */
export const DecisionFigures = z.object({
  total_decisions: count,
  allowed_decisions: count,
  denied_decisions: count,
  approval_rate: percent.describe("Percent of the decisions; null where there are none"),
  denial_rate: percent,
  would_be_denials: count.describe("Denials that rules on trial would have made"),
});

/** From sums by `shadow` of the grouping `rule`, and those of `permit`. */
export function decisionFigures(
  rules: readonly Combination[],
  permits: readonly Combination[],
): z.input<typeof DecisionFigures> {
  const sum = (some: readonly Combination[]): number => some.reduce((total, { sums }) => total + sums.calls, 0);
  const denied = sum(rules.filter(({ members }) => members.shadow === false));
  const allowed = sum(permits);
  return {
    total_decisions: allowed + denied,
    allowed_decisions: allowed,
    denied_decisions: denied,
    approval_rate: share(allowed, allowed + denied),
    denial_rate: share(denied, allowed + denied),
    would_be_denials: sum(rules) - denied,
  };
}

const name = z.string().nullable().describe("null: the least used together, where there are very many");

/** Members that figures are told by. */
export const NAMES = { server_name: z.string(), tool_name: name, principal: name, method: name } as const;

/** A row of figures with the members that name it. */
export function row({ members, sums }: Combination): Document & z.input<typeof CallFigures> {
  return { ...members, ...callFigures(sums) };
}

/** Percent; null of nothing. */
export function share(part: number, whole: number): number | null {
  return whole === 0 ? null : rounded((100 * part) / whole);
}

function ratio(sum: number, divisor: number): number | null {
  return divisor === 0 ? null : rounded(sum / divisor);
}

function rounded(value: number): number {
  return Math.round(value * 1_000) / 1_000;
}
