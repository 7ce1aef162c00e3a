import { CallStatus, GovernedMethod } from "@mcp-governance-bridge/shared";
import { z } from "zod";
import type { Document } from "../record-store.ts";
import { recent, within } from "./parameters.ts";

/** Filters of `GET /governance/tool-logs`: the seed's, with `method` and `status` besides. */
export const ToolLogsQuery = z.strictObject({
  server_name: z.string().optional(),
  tool_name: z.string().optional(),
  session_id: z.string().optional(),
  method: GovernedMethod.optional(),
  status: CallStatus.optional(),
  ...recent,
});

/** The calls that the query asks for, newest first. */
export function toolLogsPipeline(query: z.infer<typeof ToolLogsQuery>, now: Date): Document[] {
  const { hours, limit, ...exact } = query;
  return [{ $match: { ...exact, ...within(hours, now) } }, { $sort: { timestamp: -1, _id: -1 } }, { $limit: limit }];
}
