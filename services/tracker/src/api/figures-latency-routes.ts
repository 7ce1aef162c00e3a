import { z } from "zod";
import { regrouped, totalOf } from "../usage/read-figures.ts";
import type { Combination } from "../usage/tally.ts";
import { type Endpoint, endpoint } from "./endpoint.ts";
import { CallFigures, durations, NAMES, TimeParts, timeParts } from "./figures-answers.ts";
import { MetricsQuery, sumsOfTools } from "./figures-metrics-routes.ts";
import { covered, type FiguresSource } from "./figures-window.ts";

const LatencyFigures = CallFigures.pick({
  avg_duration_ms: true,
  min_duration_ms: true,
  max_duration_ms: true,
  p50_duration_ms: true,
  p90_duration_ms: true,
  p95_duration_ms: true,
  p99_duration_ms: true,
}).extend({ calls: z.int().nonnegative().describe("Calls that were let through and ended"), ...TimeParts.shape });

const Latency = z.object({
  ...covered,
  overall: LatencyFigures,
  servers: z.array(LatencyFigures.extend({ server_name: z.string() })),
  tools: z
    .array(LatencyFigures.extend({ server_name: z.string(), tool_name: NAMES.tool_name, method: NAMES.method }))
    .describe("The most used first"),
});

export function latencyRoute(source: FiguresSource): Endpoint {
  return endpoint({
    method: "GET",
    path: "/governance/latency",
    summary: "How long calls took, by percentiles, and where the time went: gateway, policy, upstream",
    access: "open",
    query: MetricsQuery,
    data: Latency,
    async answer({ query }) {
      const { covers, tools } = await sumsOfTools(source, query);
      const latencyRow = ({ members, sums }: Combination) => ({ ...members, ...latencyFigures(sums) });
      return {
        json: JSON.stringify({
          ...covers,
          overall: latencyFigures(totalOf(tools)),
          servers: regrouped(tools, ["server_name"]).map(latencyRow),
          tools: tools.slice(0, query.limit).map(latencyRow),
        }),
      };
    },
  });
}

function latencyFigures(sums: Combination["sums"]): z.input<typeof LatencyFigures> {
  return { calls: sums.duration.count, ...durations(sums), ...timeParts(sums) };
}
