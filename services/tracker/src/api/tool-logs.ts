import { CallStatus, ClientInfo, DenialCode, GovernedMethod, Outcome } from "@mcp-governance-bridge/shared";
import { z } from "zod";
import type { Document } from "../record-store.ts";
import { paging } from "./page.ts";
import { checkPeriod, during, period } from "./parameters.ts";

/** Filters by whose call of what it is. */
export const callFilters = {
  server_name: z.string().optional(),
  tool_name: z.string().optional(),
  session_id: z.string().optional(),
  principal: z.string().optional(),
  client_name: z.string().optional().describe("What the client calls itself"),
  method: GovernedMethod.optional(),
};

/** Filters of `GET /governance/tool-logs`: the seed's, and more. */
export const ToolLogsQuery = z
  .strictObject({
    ...callFilters,
    status: CallStatus.optional(),
    code: DenialCode.optional().describe("Only calls that were denied with this code"),
    rule: z.string().optional().describe("Only calls that this rule denied"),
    ...period,
    ...paging,
  })
  .superRefine(checkPeriod);

/** Condition on the calls that the query asks for. */
export function toolLogsMatch(query: z.infer<typeof ToolLogsQuery>, now: Date): Document {
  const { hours, from, to, limit: _, cursor: __, client_name, code, rule, ...exact } = query;
  return {
    ...given({ ...exact, "client.name": client_name, "denial.code": code, "denial.rule": rule }),
    ...during({ hours, from, to }, now),
  };
}

/** Without the filters that are not given. */
export function given(filters: Document): Document {
  return Object.fromEntries(Object.entries(filters).filter(([, value]) => value !== undefined));
}

const time = z.iso.datetime();
const milliseconds = z.number().nullable();
const size = z.int().nullable().describe("Characters of the whole; null where none is kept");

/** Any JSON; where the record has only the beginning, `_truncated`, `_prefix` and `_original_size`. */
const AnyPayload = z
  .unknown()
  .describe(
    "As it was, or its beginning: an object with _truncated, _prefix and _original_size; null where it is not kept",
  );

/** One governed call. */
export const ToolLog = z
  .object({
    call_id: z.uuid(),
    session_id: z.string(),
    principal: z.string(),
    client: ClientInfo.nullable(),
    server_name: z.string(),
    method: GovernedMethod,
    tool_name: z.string(),
    protocol_version: z.string().nullable().optional(),
    era: z.string().nullable().optional().describe("Of the protocol that the client speaks"),
    decision_id: z.uuid(),
    event_type: z.string().describe("`tool_invocation` until the call has ended, then `tool_completion`"),
    status: z
      .string()
      .describe("`success`, `error`, `denied`, `unknown`; `invocation request received` until it has ended"),
    start_time: time,
    end_time: time.nullable().optional(),
    timestamp: time.describe("The same as start_time"),
    duration_ms: milliseconds.optional(),
    policy_ms: milliseconds.optional(),
    upstream_ms: milliseconds.optional(),
    gateway_ms: milliseconds.optional(),
    outcome: z
      .object({
        transport: z.enum([...Outcome.shape.transport.options, "unknown"]),
        rpc: Outcome.shape.rpc,
        tool_error: Outcome.shape.toolError,
      })
      .nullable()
      .optional(),
    error_message: z.string().nullable().optional(),
    denial: z
      .object({ code: z.string(), rule: z.string(), reason: z.string() })
      .nullable()
      .optional()
      .describe("Why it was denied; null where it was permitted"),
    inputs: AnyPayload.optional(),
    inputs_digest: z
      .string()
      .nullable()
      .optional()
      .describe("SHA-256 of what is kept, so that it may go and still be proven"),
    input_size: size.optional(),
    inputs_truncated: z.boolean().optional(),
    outputs: AnyPayload.optional(),
    outputs_digest: z.string().nullable().optional(),
    output_size: size.optional(),
    outputs_truncated: z.boolean().optional(),
    masked: z.array(z.unknown()).optional().describe("What rules on results took out of the answer"),
    masked_count: z.int().optional(),
    counted: z.boolean().optional().describe("Whether figures of usage count it"),
    environment: z.unknown().optional(),
    document_type: z.literal("tool_log"),
    stored_at: time,
  })
  .meta({ id: "ToolLog", description: "One governed call" });
