import { GovernanceError } from "@mcp-governance-bridge/shared";
import { z } from "zod";
import type { Document } from "../record-store.ts";
import { SPANS } from "../usage/figures.ts";
import { type FiguresReader, figuresIn, groupingWith } from "../usage/read-figures.ts";
import { addSums, noSums, type RunningSums } from "../usage/sums.ts";
import type { Window } from "../usage/window.ts";
import { type Endpoint, endpoint } from "./endpoint.ts";
import { durations, NAMES } from "./figures-answers.ts";
import { covered, coveredBy, type FiguresSource, SpanName, window } from "./figures-window.ts";
import { checkPeriod, numeric } from "./parameters.ts";

const MAX_POINTS = 1_000;
const MAX_SERIES = 50;

const BY = { server: ["server_name"], tool: ["server_name", "tool_name"], principal: ["principal"] } as const;

const METRICS = {
  calls: (sums: RunningSums) => ({ value: sums.calls }),
  errors: (sums: RunningSums) => ({ value: sums.error }),
  denials: (sums: RunningSums) => ({ value: sums.denied }),
  latency: (sums: RunningSums) => {
    const { avg_duration_ms, p50_duration_ms, p90_duration_ms, p95_duration_ms, p99_duration_ms } = durations(sums);
    return {
      value: avg_duration_ms,
      p50: p50_duration_ms,
      p90: p90_duration_ms,
      p95: p95_duration_ms,
      p99: p99_duration_ms,
    };
  },
} as const;

const SeriesQuery = z
  .strictObject({
    metric: z.enum(Object.keys(METRICS) as [keyof typeof METRICS, ...(keyof typeof METRICS)[]]).default("calls"),
    span: SpanName.optional().describe("The span of a point; where it is missing, one that fits the time asked for"),
    by: z
      .enum(Object.keys(BY) as [keyof typeof BY, ...(keyof typeof BY)[]])
      .optional()
      .describe("A series for each of them; one of all where it is missing"),
    ...window,
    server_name: z.string().optional(),
    tool_name: z.string().optional(),
    principal: z.string().optional(),
    limit: numeric
      .pipe(z.int("expected a whole number").min(1).max(MAX_SERIES))
      .default(10)
      .meta({ type: "integer", minimum: 1, maximum: MAX_SERIES, default: 10 })
      .describe("The most series, those with the most calls"),
  })
  .superRefine(checkPeriod);

const milliseconds = z.number().nonnegative().nullable().optional();

const Series = z.object({
  ...covered,
  metric: SeriesQuery.shape.metric.unwrap(),
  total: z.int().nonnegative().describe("How many series there are in all"),
  series: z
    .array(
      z.object({
        server_name: NAMES.server_name.optional(),
        tool_name: NAMES.tool_name.optional(),
        principal: NAMES.principal.optional(),
        points: z.array(
          z.object({
            at: z.iso.datetime().describe("Beginning of the span"),
            value: z.number().nonnegative().nullable().describe("Of latency the average; null where no call ended"),
            p50: milliseconds.describe("Of latency alone"),
            p90: milliseconds,
            p95: milliseconds,
            p99: milliseconds,
          }),
        ),
      }),
    )
    .describe("The most used first, each with a point for every span"),
});

export function timeSeriesRoute(source: FiguresSource): Endpoint {
  return endpoint({
    method: "GET",
    path: "/governance/timeseries",
    summary: "Calls, errors, denials or latency over time, in all or by server, tool or principal",
    access: "open",
    query: SeriesQuery,
    data: Series,
    async answer({ query: { metric, span, by, limit, server_name, tool_name, principal, ...asked } }) {
      const match = { server_name, tool_name, principal };
      const names = by ? BY[by] : [];
      const filters = Object.entries(match).flatMap(([name, value]) => (value === undefined ? [] : [name]));
      const grouping = groupingWith([...names, ...filters]);
      if (grouping === "pair" && span === "minute") {
        throw new GovernanceError("request.invalid", "span: calls of a principal to a server or tool are kept by hour");
      }
      const least = grouping === "pair" ? "hour" : undefined;
      const { window, covers } = await coveredBy(source, asked, { span, least });
      const times = timesIn(window);
      const lines = await linesOf(source.store, { question: { window, grouping, match }, names });
      const series = lines.slice(0, limit).map(({ members, byTime }) => ({
        ...members,
        points: times.map((at) => ({ at: new Date(at), ...METRICS[metric](byTime.get(at) ?? noSums()) })),
      }));
      return { json: JSON.stringify({ ...covers, metric, total: lines.length, series }) };
    },
  });
}

/** Throws `request.invalid` where there are too many. */
function timesIn({ from, to, span }: Window): number[] {
  const { ms } = SPANS[span];
  const count = (to.getTime() - from.getTime()) / ms;
  if (count > MAX_POINTS) {
    throw new GovernanceError("request.invalid", `span: ${count} points of a ${span} each; ${MAX_POINTS} can be had`);
  }
  return Array.from({ length: count }, (_, index) => from.getTime() + index * ms);
}

interface Line {
  members: Document;
  calls: number;
  byTime: Map<number, RunningSums>;
}

/** Sums by combination and time, the most used first. */
async function linesOf(
  store: FiguresReader,
  { question, names }: { question: Parameters<typeof figuresIn>[1]; names: readonly string[] },
): Promise<Line[]> {
  const lines = new Map<string, Line>();
  for await (const figures of figuresIn(store, question)) {
    const key = JSON.stringify(names.map((name) => figures[name]));
    const line = lines.get(key) ?? {
      members: Object.fromEntries(names.map((name) => [name, figures[name]])),
      calls: 0,
      byTime: new Map(),
    };
    lines.set(key, line);
    line.calls += figures.calls;
    const at = figures.timestamp.getTime();
    const sums = line.byTime.get(at) ?? noSums();
    line.byTime.set(at, sums);
    addSums(sums, figures);
  }
  return [...lines]
    .sort(([a, some], [b, others]) => others.calls - some.calls || (a < b ? -1 : 1))
    .map(([, line]) => line);
}
