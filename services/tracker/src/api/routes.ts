import type { z } from "zod";
import type { Collection, Document } from "../record-store.ts";
import { ToolLogsQuery, toolLogsPipeline } from "./tool-logs.ts";

/** A question of the governance API: which parameters it takes, and which documents answer it. */
export interface Route<Query extends z.ZodType = z.ZodType> {
  path: string;
  collection: Collection;
  query: Query;
  pipeline(query: z.infer<Query>, now: Date): Document[];
}

const route = <Query extends z.ZodType>(route: Route<Query>): Route => route as unknown as Route;

/** Everything that can be asked, by `GET`. */
export const routes: readonly Route[] = [
  route({ path: "/governance/tool-logs", collection: "tool_logs", query: ToolLogsQuery, pipeline: toolLogsPipeline }),
];
