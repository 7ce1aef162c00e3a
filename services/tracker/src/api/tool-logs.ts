import { CallStatus, GovernedMethod } from "@mcp-governance-bridge/shared";
import { z } from "zod";
import type { Document } from "../record-store.ts";
import { numeric } from "./parameters.ts";

const MAX_LIMIT = 1_000;
const HOUR_MS = 3_600_000;

/** Filters of `GET /governance/tool-logs`: the seed's, with `method` and `status` besides. */
export const ToolLogsQuery = z.strictObject({
  server_name: z.string().optional(),
  tool_name: z.string().optional(),
  session_id: z.string().optional(),
  method: GovernedMethod.optional(),
  status: CallStatus.optional(),
  /** Only calls that began in the last so many hours; 0 or less means all. */
  hours: numeric.default(24),
  /** The most calls to answer; more than 1000 are never answered. */
  limit: numeric
    .pipe(z.int("expected a whole number").min(1))
    .transform((limit) => Math.min(limit, MAX_LIMIT))
    .default(100),
});

/** The calls that the query asks for, newest first. */
export function toolLogsPipeline(query: z.infer<typeof ToolLogsQuery>, now: Date): Document[] {
  const { hours, limit, ...exact } = query;
  const since = hours > 0 ? { timestamp: { $gte: startOf(hours, now) } } : {};
  return [{ $match: { ...exact, ...since } }, { $sort: { timestamp: -1, _id: -1 } }, { $limit: limit }];
}

/** A date cannot lie before 1970 here, however many hours are asked for. */
function startOf(hours: number, now: Date): Date {
  return new Date(Math.max(0, now.getTime() - hours * HOUR_MS));
}
