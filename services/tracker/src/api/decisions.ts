import { DenialCode } from "@mcp-governance-bridge/shared";
import { z } from "zod";
import type { Document } from "../record-store.ts";
import { recent, within } from "./parameters.ts";

/** Filters of `GET /governance/decisions`. */
export const DecisionsQuery = z.strictObject({
  server_name: z.string().optional(),
  tool_name: z.string().optional(),
  session_id: z.string().optional(),
  principal: z.string().optional(),
  decision: z.enum(["allowed", "denied"]).optional(),
  rule: z.string().optional(),
  code: DenialCode.optional(),
  /** Whether a rule on trial, or the candidate, would have denied. */
  shadow: z
    .enum(["true", "false"])
    .transform((text) => text === "true")
    .optional(),
  ...recent,
});

/** The decisions that the query asks for, newest first. */
export function decisionsPipeline(query: z.infer<typeof DecisionsQuery>, now: Date): Document[] {
  const { hours, limit, code, shadow, ...exact } = query;
  const match = {
    ...exact,
    ...(code !== undefined && { policy_violation: code }),
    ...(shadow !== undefined && { shadow_denied: shadow }),
    ...within(hours, now),
  };
  return [{ $match: match }, { $sort: { timestamp: -1, _id: -1 } }, { $limit: limit }];
}

/** Filters of `GET /governance/shadows`. */
export const ShadowsQuery = z.strictObject(recent);

/** Denials that did not take place, counted by rule, revision, server, tool and principal; the most frequent first. */
export function shadowsPipeline({ hours, limit }: z.infer<typeof ShadowsQuery>, now: Date): Document[] {
  const kind = {
    rule: "$shadows.rule",
    revision: "$shadows.revision",
    server_name: "$server_name",
    tool_name: "$tool_name",
    principal: "$principal",
  };
  const names = Object.keys(kind).map((name) => [name, `$_id.${name}`]);
  return [
    { $match: { shadow_denied: true, ...within(hours, now) } },
    { $unwind: "$shadows" },
    { $group: { _id: kind, denials: { $sum: 1 }, last_at: { $max: "$timestamp" } } },
    { $sort: { denials: -1, last_at: -1, _id: 1 } },
    { $limit: limit },
    { $project: { _id: 0, ...Object.fromEntries(names), denials: 1, last_at: 1 } },
  ];
}
