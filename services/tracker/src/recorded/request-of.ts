import type { DecisionRequest } from "@mcp-governance-bridge/shared";
import { toJsonText } from "../payload.ts";
import type { Document } from "../record-store.ts";

/** What the record has of a decision. */
export interface DecisionRecord {
  decision: Document;
  /** The call's own document, where there is one. */
  call: Document | undefined;
  /** The tool as its server last offered it, where it is known. */
  tool: Document | undefined;
}

/** The question that a decision answered, as far as the record has it. */
export interface RecordedRequest {
  request: DecisionRequest;
  /** Why the arguments are not on record, to go on with "The arguments …"; they are empty then. */
  missing: string | undefined;
  /** What is taken for granted that the record does not have, one sentence each. */
  notes: readonly string[];
}

/** Reads back what the policy was asked when it made a decision. */
export function requestOf(record: DecisionRecord): RecordedRequest {
  const { decision } = record;
  const given = argumentsOf(record.call);
  const roles = rolesOf(decision);
  const annotations = annotationsOf(record);
  const request = {
    callId: decision.call_id,
    sessionId: decision.session_id,
    principal: decision.principal,
    roles: roles.value,
    client: decision.client,
    server: decision.server_name,
    method: decision.method,
    target: decision.tool_name,
    arguments: given.value,
    ...(annotations.value && { annotations: annotations.value }),
  } as DecisionRequest;
  return { request, missing: given.missing, notes: [...roles.notes, ...annotations.notes] };
}

/** The arguments as the policy had them; none where the record has not all of them. */
function argumentsOf(call: Document | undefined): { value: unknown; missing: string | undefined } {
  const missing = missingFrom(call);
  return missing === undefined ? { value: JSON.parse(toJsonText(call?.inputs)), missing } : { value: {}, missing };
}

function missingFrom(call: Document | undefined): string | undefined {
  if (!call || call.inputs === undefined) return "are not on record";
  if (call.input_size === null) return "were not kept (log_inputs)";
  return isCut(call.inputs) ? "were kept in part only (max_log_size)" : undefined;
}

function isCut(inputs: unknown): boolean {
  return typeof inputs === "object" && inputs !== null && Object.hasOwn(inputs, "_truncated");
}

interface Known<Value> {
  value: Value;
  notes: readonly string[];
}

function rolesOf({ roles }: Document): Known<unknown> {
  return Array.isArray(roles)
    ? { value: roles, notes: [] }
    : { value: [], notes: ["Roles are not on record: none are assumed."] };
}

/** Those that the decision went by; else those that its tool has in the catalogue. */
function annotationsOf({ decision, tool }: DecisionRecord): Known<object | undefined> {
  if (decision.annotations !== undefined) return { value: objectIn(decision.annotations), notes: [] };
  if (decision.method !== "tools/call") return { value: undefined, notes: [] };
  if (!tool) return { value: undefined, notes: ["The tool's annotations are not on record: none are assumed."] };
  const definition = objectIn(tool.definition) as { annotations?: unknown } | undefined;
  const { annotations } = definition ?? {};
  const value = typeof annotations === "object" && annotations !== null ? annotations : undefined;
  return { value, notes: newerThan(decision, tool) };
}

function newerThan(decision: Document, tool: Document): string[] {
  const read = tool.updated_at as Date;
  if (read <= (decision.timestamp as Date)) return [];
  return [`The tool's annotations are those of ${read.toISOString()}, which is after the decision.`];
}

function objectIn(stored: unknown): object | undefined {
  const value: unknown = JSON.parse(toJsonText(stored));
  return typeof value === "object" && value !== null ? value : undefined;
}
