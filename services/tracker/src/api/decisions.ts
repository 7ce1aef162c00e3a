import { ClientInfo, Decision, DenialCode, GovernedMethod } from "@mcp-governance-bridge/shared";
import { z } from "zod";
import type { Document } from "../record-store.ts";
import { paging } from "./page.ts";
import { checkPeriod, during, period, recent, within } from "./parameters.ts";
import { callFilters, given } from "./tool-logs.ts";

/** Filters of `GET /governance/decisions`. */
export const DecisionsQuery = z
  .strictObject({
    ...callFilters,
    decision: z.enum(["allowed", "denied"]).optional(),
    rule: z.string().optional().describe("The rule that denied or allowed"),
    code: DenialCode.optional(),
    shadow: z
      .enum(["true", "false"])
      .transform((text) => text === "true")
      .optional()
      .describe("Whether a rule on trial, or the candidate, would have denied"),
    ...period,
    ...paging,
  })
  .superRefine(checkPeriod);

/** Condition on the decisions that the query asks for. */
export function decisionsMatch(query: z.infer<typeof DecisionsQuery>, now: Date): Document {
  const { hours, from, to, limit: _, cursor: __, client_name, code, shadow, ...exact } = query;
  return {
    ...given({ ...exact, "client.name": client_name, policy_violation: code, shadow_denied: shadow }),
    ...during({ hours, from, to }, now),
  };
}

const [{ shape: permit }] = Decision.options;

/** One decision. */
export const DecisionLog = z
  .object({
    decision_id: z.uuid(),
    decision: z.enum(["allowed", "denied"]),
    policy_violation: DenialCode.nullable().describe("The code of a denial"),
    reason: z.string().nullable(),
    retry_after_ms: z.int().nullable(),
    obligations: permit.obligations,
    rule: z.string().nullable(),
    revision: z.string().describe("The revision of the policy that decided"),
    facts: permit.facts.unwrap(),
    shadows: permit.shadows.unwrap(),
    shadow_denied: z.boolean(),
    degraded: permit.degraded.unwrap(),
    server_name: z.string(),
    tool_name: z.string(),
    method: GovernedMethod,
    annotations: z.unknown().optional(),
    principal: z.string(),
    roles: z.array(z.string()).optional(),
    client: ClientInfo.nullable(),
    session_id: z.string(),
    call_id: z.uuid(),
    policy_ms: z.number().nullable(),
    timestamp: z.iso.datetime(),
    governance_version: z.string(),
    document_type: z.literal("governance_log"),
    stored_at: z.iso.datetime(),
  })
  .meta({ id: "Decision", description: "One decision of the policy" });

/** Filters of `GET /governance/shadows`. */
export const ShadowsQuery = z.strictObject(recent);

/** Denials that did not take place, of one kind. */
export const Shadow = z.object({
  rule: z.string(),
  revision: z.string(),
  server_name: z.string(),
  tool_name: z.string(),
  principal: z.string(),
  denials: z.int(),
  last_at: z.iso.datetime(),
});

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
