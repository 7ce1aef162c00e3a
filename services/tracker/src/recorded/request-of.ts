import type { DecisionRequest } from "@mcp-governance-bridge/shared";
import { toJsonText } from "../payload.ts";
import type { Document } from "../record-store.ts";

/** What the record has of a decision. */
export interface DecisionRecord {
  decision: Document;
  /** The call's own document, where there is one. */
  call: Document | undefined;
}

/** The question that a decision answered, as far as the record has it. */
export interface RecordedRequest {
  request: DecisionRequest;
  /** Why the arguments are not on record, to go on with "The arguments …"; they are empty then. */
  missing: string | undefined;
  /** What is assumed in place of what the record does not have, one sentence each. */
  notes: readonly string[];
}

/** Reads back what the policy was asked when it made a decision. */
export function requestOf({ decision, call }: DecisionRecord): RecordedRequest {
  const missing = missingFrom(call);
  const { roles, annotations } = decision;
  const request = {
    callId: decision.call_id,
    sessionId: decision.session_id,
    principal: decision.principal,
    roles: roles ?? [],
    client: decision.client,
    server: decision.server_name,
    method: decision.method,
    target: decision.tool_name,
    arguments: missing === undefined ? JSON.parse(toJsonText(call?.inputs)) : {},
    ...(annotations != null && { annotations: JSON.parse(toJsonText(annotations)) }),
  } as DecisionRequest;
  return { request, missing, notes: roles === undefined ? [OLDER] : [] };
}

const OLDER = "Roles and annotations are not on record: none are assumed.";

/** Why the arguments are not as the policy had them; undefined where they are. */
function missingFrom(call: Document | undefined): string | undefined {
  if (!call || call.inputs === undefined) return "are not on record";
  if (call.input_size === null) return "were not kept (log_inputs)";
  return isCut(call.inputs) ? "were kept in part only (max_log_size)" : undefined;
}

function isCut(inputs: unknown): boolean {
  return typeof inputs === "object" && inputs !== null && Object.hasOwn(inputs, "_truncated");
}
