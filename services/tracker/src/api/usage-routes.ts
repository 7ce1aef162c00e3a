import { z } from "zod";
import { groupingWith, sumsBy } from "../usage/read-figures.ts";
import type { Combination } from "../usage/tally.ts";
import { type Endpoint, endpoint } from "./endpoint.ts";
import { CallFigures, callFigures, NAMES } from "./figures-answers.ts";
import { covered, coveredBy, type FiguresSource, window } from "./figures-window.ts";
import { checkPeriod, limit } from "./parameters.ts";
import { timeSeriesRoute } from "./usage-time-series-routes.ts";

/** Who and what calls are counted by, and the members that name it. */
const BY = {
  principal: ["principal"],
  server: ["server_name"],
  tool: ["server_name", "tool_name", "method"],
  pair: ["principal", "server_name", "tool_name", "method"],
} as const;

const names = {
  server_name: z.string().optional(),
  tool_name: z.string().optional(),
  principal: z.string().optional(),
};

const UsageQuery = z
  .strictObject({
    by: z.enum(Object.keys(BY) as [keyof typeof BY, ...(keyof typeof BY)[]]).default("principal"),
    ...window,
    ...names,
    limit,
  })
  .superRefine(checkPeriod)
  .superRefine(({ by, principal, server_name }, context) => {
    if (by !== "pair" || principal !== undefined || server_name !== undefined) return;
    context.addIssue({ code: "custom", path: ["by"], message: "pair needs principal or server_name besides" });
  });

const Usage = z.object({
  ...covered,
  total: z.int().nonnegative().describe("How many rows there are in all"),
  rows: z
    .array(
      CallFigures.extend({
        server_name: NAMES.server_name.optional(),
        tool_name: NAMES.tool_name.optional(),
        method: NAMES.method.optional(),
        principal: NAMES.principal.optional(),
        input_characters: z.int().nonnegative(),
        output_characters: z.int().nonnegative(),
        denials: z.array(z.object({ code: z.string(), count: z.int().positive() })),
      }),
    )
    .describe("The most used first"),
});

export function usageRoutes(source: FiguresSource): Endpoint[] {
  const usage = endpoint({
    method: "GET",
    path: "/governance/usage",
    summary: "Calls by principal, server, tool, or principal and tool",
    access: "open",
    query: UsageQuery,
    data: Usage,
    async answer({ query: { by, limit, server_name, tool_name, principal, ...asked } }) {
      const match = { server_name, tool_name, principal };
      const grouping = groupingWith([...BY[by], ...namesIn(match)]);
      const least = grouping === "pair" ? "hour" : undefined;
      const { window, covers } = await coveredBy(source, asked, { least });
      const rows = await sumsBy(source.store, { window, grouping, match, by: BY[by] });
      const shown = rows.slice(0, limit).map(usageRow);
      return { json: JSON.stringify({ ...covers, total: rows.length, rows: shown }) };
    },
  });
  return [usage, timeSeriesRoute(source)];
}

/** Members that are asked for. */
function namesIn(match: Readonly<Record<string, string | undefined>>): string[] {
  return Object.keys(match).filter((name) => match[name] !== undefined);
}

function usageRow({ members, sums }: Combination) {
  return {
    ...members,
    ...callFigures(sums),
    input_characters: sums.input_chars,
    output_characters: sums.output_chars,
    denials: [...sums.denials].map(([code, count]) => ({ code, count })),
  };
}
