import { GovernanceError } from "@mcp-governance-bridge/shared";
import { z } from "zod";
import type { Collection, Document, RecordStore } from "../record-store.ts";
import { DecisionLog, DecisionsQuery, decisionsMatch, Shadow, ShadowsQuery, shadowsPipeline } from "./decisions.ts";
import { type Access, type Endpoint, endpoint } from "./endpoint.ts";
import { renderPage } from "./page.ts";
import { renderDocument, renderDocuments } from "./render.ts";
import { ToolLog, ToolLogsQuery, toolLogsMatch } from "./tool-logs.ts";

type Source = Pick<RecordStore, "aggregate">;

/** What is asked for a page at a time. */
interface Paged {
  limit: number;
  cursor?: string | undefined;
}

/** A collection that is read a page at a time. */
interface List<Query extends Paged> {
  path: string;
  summary: string;
  collection: Collection;
  query: z.ZodType<Query>;
  match(query: Query, now: Date): Document;
  /** Stages after the page is chosen; `timestamp` and `_id` must be left. */
  stages?: readonly Document[];
  data: z.ZodType;
  /** Who may ask; without it, that they did is recorded. */
  access?: Access;
}

/** An endpoint that answers the newest documents first, a page at a time. */
export function listEndpoint<Query extends Paged>(store: Source, list: List<Query>): Endpoint {
  const { path, summary, collection, query, match, stages = [], data, access = "trail" } = list;
  return endpoint({
    method: "GET",
    path,
    summary,
    access,
    query,
    data: z.array(data),
    answer: async ({ query: { limit, cursor, ...filters } }) => {
      const condition = match({ ...filters, limit, cursor } as Query, new Date());
      return renderPage(store, { collection, match: condition, stages, limit, cursor, filters });
    },
  });
}

/** The calls and decisions on record. */
export function recordRoutes(store: Source): Endpoint[] {
  return [
    listEndpoint(store, {
      path: "/governance/tool-logs",
      summary: "Calls, newest first",
      collection: "tool_logs",
      query: ToolLogsQuery,
      match: toolLogsMatch,
      data: ToolLog,
    }),
    oneCall(store),
    listEndpoint(store, {
      path: "/governance/decisions",
      summary: "Decisions, allowed and denied, newest first",
      collection: "governance_logs",
      query: DecisionsQuery,
      match: decisionsMatch,
      data: DecisionLog,
    }),
    endpoint({
      method: "GET",
      path: "/governance/shadows",
      summary:
        "Denials that rules and revisions on trial would have made, counted by rule, revision, server, tool and principal",
      access: "open",
      query: ShadowsQuery,
      data: z.array(Shadow),
      answer: async ({ query }) => {
        const documents = await store.aggregate("governance_logs", shadowsPipeline(query, new Date()));
        return { json: renderDocuments(documents) };
      },
    }),
  ];
}

function oneCall(store: Source): Endpoint {
  return endpoint({
    method: "GET",
    path: "/governance/tool-logs/:id",
    summary: "One call",
    access: "trail",
    params: z.object({ id: z.uuid().describe("The call's id") }),
    data: ToolLog,
    answer: async ({ params: { id } }) => {
      const [call] = await store.aggregate("tool_logs", [{ $match: { _id: id } }, { $limit: 1 }]);
      if (!call) throw new GovernanceError("record.unknown", "no such call");
      return { json: renderDocument(call) };
    },
  });
}
