import { z } from "zod";
import type { Document } from "../record-store.ts";
import { sumsBy } from "../usage/read-figures.ts";
import { noSums } from "../usage/sums.ts";
import { type Endpoint, endpoint } from "./endpoint.ts";
import { CallFigures, callFigures } from "./figures-answers.ts";
import { positionAfter, renderInOrder } from "./figures-pages-in-order.ts";
import { covered, coveredBy, type FiguresSource, window } from "./figures-window.ts";
import { paging } from "./page.ts";
import { checkPeriod } from "./parameters.ts";
import { renderDocument } from "./render.ts";
import { given } from "./tool-logs.ts";

const time = z.iso.datetime();

const ToolsQuery = z
  .strictObject({
    server_name: z.string().optional(),
    active: z
      .enum(["true", "false"])
      .transform((text) => text === "true")
      .optional()
      .describe("Only tools that their server offers, or only those that it offers no more"),
    ...window,
    ...paging,
  })
  .superRefine(checkPeriod);

const Tools = z.object({
  ...covered,
  tools: z
    .array(
      z.object({
        server_name: z.string(),
        tool_name: z.string(),
        public_name: z.string().nullable().describe("The name that clients see"),
        description: z.string().nullable(),
        definition: z.unknown().describe("The whole definition as the server gave it"),
        is_active: z.boolean().describe("Whether its server offers it"),
        discovered_at: time.nullable().describe("When it was first seen"),
        updated_at: time
          .nullable()
          .describe("When the server's tools were last read; of one that is gone, when it was missed"),
        usage: CallFigures.describe("Calls in the time asked for"),
      }),
    )
    .describe("A page of them, in the order of server and name"),
});

/** The inventory of tools. */
export function toolsRoute(source: FiguresSource): Endpoint {
  return endpoint({
    method: "GET",
    path: "/governance/tools",
    summary: "Every tool that a server offers or has offered, with its definition and use",
    access: "open",
    query: ToolsQuery,
    data: Tools,
    async answer({ query: { limit, cursor, server_name, active, ...asked } }) {
      const { window, covers } = await coveredBy(source, asked);
      const match = { server_name };
      const by = ["server_name", "tool_name"];
      const calls = { window, grouping: "tool", match: { ...match, method: "tools/call" }, by } as const;
      const used = new Map((await sumsBy(source.store, calls)).map(({ members, sums }) => [keyOf(members), sums]));
      const page = await renderInOrder({
        limit,
        read: (after, size) =>
          source.store.aggregate("server_tools", [
            { $match: { ...given({ ...match, is_active: active }), ...(after && { _id: { $gt: after.id } }) } },
            { $sort: { _id: 1 } },
            { $limit: size },
          ]),
        after: positionAfter(cursor, { server_name, active }),
        render: (tool) => renderDocument({ ...membersOf(tool), usage: callFigures(used.get(keyOf(tool)) ?? noSums()) }),
      });
      return { json: `{${JSON.stringify(covers).slice(1, -1)},"tools":${page.json}}`, next: page.next };
    },
  });
}

function keyOf({ server_name, tool_name }: Document): string {
  return JSON.stringify([server_name, tool_name]);
}

function membersOf(tool: Document): Document {
  const { server_name, tool_name, public_name, description, definition, is_active, discovered_at, updated_at } = tool;
  return {
    server_name,
    tool_name,
    public_name: public_name ?? null,
    description: description ?? null,
    definition: definition ?? null,
    is_active: is_active === true,
    discovered_at: discovered_at ?? null,
    updated_at: updated_at ?? null,
  };
}
