import { z } from "zod";
import { groupingWith, regrouped, sumsBy, totalOf } from "../usage/read-figures.ts";
import type { Combination } from "../usage/tally.ts";
import type { Window } from "../usage/window.ts";
import { type Endpoint, endpoint } from "./endpoint.ts";
import { CallFigures, callFigures, DecisionFigures, decisionFigures, NAMES, row } from "./figures-answers.ts";
import { covered, coveredBy, type FiguresSource, window } from "./figures-window.ts";
import { checkPeriod, limit } from "./parameters.ts";
import { serverTotals } from "./servers-found.ts";

const count = z.int().nonnegative();
const TOOL = ["server_name", "tool_name", "method"] as const;

/** The figures that most pages begin with. */
export function metricsRoutes(source: FiguresSource): Endpoint[] {
  return [metrics(source), overview(source)];
}

export const MetricsQuery = z
  .strictObject({
    ...window,
    server_name: z.string().optional(),
    tool_name: z.string().optional(),
    principal: z.string().optional(),
    limit: limit.describe("The most tools to answer, the most used first; more than 1000 are never answered"),
  })
  .superRefine(checkPeriod);

const ToolRow = CallFigures.extend({
  server_name: NAMES.server_name,
  tool_name: NAMES.tool_name,
  method: NAMES.method,
});

const Metrics = z.object({
  ...covered,
  summary: CallFigures.extend({
    unique_servers: count,
    unique_tools: count,
    most_used_tool: z.object({ server_name: z.string(), tool_name: z.string(), total_calls: count }).nullable(),
  }),
  governance: DecisionFigures.nullable().describe("null where tool_name or principal is asked for"),
  servers: z.array(CallFigures.extend({ server_name: z.string() })),
  tools: z.array(ToolRow).describe("The most used first"),
});

/** Sums by tool over the time asked for, the most used first. */
export async function sumsOfTools(
  source: FiguresSource,
  { limit: _, server_name, tool_name, principal, ...asked }: z.infer<typeof MetricsQuery>,
) {
  const least = principal === undefined ? undefined : "hour";
  const { window, covers } = await coveredBy(source, asked, { least });
  const match = { server_name, tool_name, principal };
  const grouping = groupingWith(principal === undefined ? TOOL : [...TOOL, "principal"]);
  return { window, covers, tools: await sumsBy(source.store, { window, grouping, match, by: TOOL }) };
}

function metrics(source: FiguresSource): Endpoint {
  return endpoint({
    method: "GET",
    path: "/governance/metrics",
    summary: "Calls, their outcomes and durations, in all and by server and tool, and decisions",
    access: "open",
    query: MetricsQuery,
    data: Metrics,
    async answer({ query }) {
      const { limit, server_name, tool_name, principal } = query;
      const { window, covers, tools } = await sumsOfTools(source, query);
      const isWhole = tool_name === undefined && principal === undefined;
      return {
        json: JSON.stringify({
          ...covers,
          summary: summaryOf(tools),
          governance: isWhole ? await decisions(source, window, server_name) : null,
          servers: regrouped(tools, ["server_name"]).map(row),
          tools: tools.slice(0, limit).map(row),
        }),
      };
    },
  });
}

function summaryOf(tools: readonly Combination[]): z.input<typeof Metrics>["summary"] {
  const named = tools.filter(({ members }) => members.tool_name !== null);
  const [first] = named;
  return {
    ...callFigures(totalOf(tools)),
    unique_servers: new Set(tools.map(({ members }) => members.server_name)).size,
    unique_tools: named.length,
    most_used_tool: first
      ? {
          server_name: String(first.members.server_name),
          tool_name: String(first.members.tool_name),
          total_calls: first.sums.calls,
        }
      : null,
  };
}

async function decisions(
  { store }: FiguresSource,
  window: Window,
  server_name?: string,
): Promise<z.input<typeof DecisionFigures>> {
  const match = { server_name };
  const [rules, permits] = await Promise.all([
    sumsBy(store, { window, grouping: "rule", match, by: ["shadow"] }),
    sumsBy(store, { window, grouping: "permit", match, by: [] }),
  ]);
  return decisionFigures(rules, permits);
}

const Overview = z.object({
  ...covered,
  servers: z.object({ active: count, total: count }),
  last_hour: CallFigures.describe("Calls of the last hour, by the minute"),
  totals: CallFigures.describe("Calls of the time asked for"),
  governance: DecisionFigures,
  last_refresh: z.iso
    .datetime()
    .nullable()
    .describe("Everything that was on record then is counted in last_hour; null where nothing has been counted yet"),
});

function overview(source: FiguresSource): Endpoint {
  return endpoint({
    method: "GET",
    path: "/governance/overview",
    summary: "Servers, calls and decisions at a glance",
    access: "open",
    query: z.strictObject(window).superRefine(checkPeriod),
    data: Overview,
    async answer({ query }) {
      const { window, covers } = await coveredBy(source, query);
      const hour = await coveredBy(source, { hours: 1 });
      const totals = (of: Window) => sumsBy(source.store, { window: of, grouping: "server", by: [] });
      return {
        json: JSON.stringify({
          ...covers,
          servers: await serverTotals(source.store),
          last_hour: callFigures(totalOf(await totals(hour.window))),
          totals: callFigures(totalOf(await totals(window))),
          governance: await decisions(source, window),
          last_refresh: hour.covers.fresh_to,
        }),
      };
    },
  });
}
