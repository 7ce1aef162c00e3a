import type { z } from "zod";
import type { Collection, Document, RecordStore } from "../record-store.ts";
import { DecisionsQuery, decisionsPipeline, ShadowsQuery, shadowsPipeline } from "./decisions.ts";
import type { Endpoint } from "./endpoint.ts";
import { parse, queryOf } from "./parameters.ts";
import { renderDocuments } from "./render.ts";
import { ToolLogsQuery, toolLogsPipeline } from "./tool-logs.ts";

/** A question about the record: which parameters it takes, and which documents answer it. */
interface Question<Query extends z.ZodType> {
  path: string;
  collection: Collection;
  query: Query;
  pipeline(query: z.infer<Query>, now: Date): Document[];
}

/** Everything that one pipeline over the record answers. */
export function recordRoutes(store: Pick<RecordStore, "aggregate">): Endpoint[] {
  const route = <Query extends z.ZodType>({ path, collection, query, pipeline }: Question<Query>): Endpoint => ({
    method: "GET",
    path,
    async answer({ url }) {
      const asked = parse(query, queryOf(new URL(url).searchParams));
      return renderDocuments(await store.aggregate(collection, pipeline(asked, new Date())));
    },
  });
  return [
    route({ path: "/governance/tool-logs", collection: "tool_logs", query: ToolLogsQuery, pipeline: toolLogsPipeline }),
    route({
      path: "/governance/decisions",
      collection: "governance_logs",
      query: DecisionsQuery,
      pipeline: decisionsPipeline,
    }),
    route({
      path: "/governance/shadows",
      collection: "governance_logs",
      query: ShadowsQuery,
      pipeline: shadowsPipeline,
    }),
  ];
}
