import type { EventOf } from "@mcp-governance-bridge/shared";
import { digestedPayload } from "../payload.ts";
import type { Document, Write } from "../record-store.ts";
import { governanceLog } from "./decision.ts";
import { eraOf } from "./era.ts";
import { OPEN_BEGINNING, OPEN_END } from "./untold.ts";
import { wellFormed } from "./well-formed.ts";

type Decided = EventOf<"governance.call.decided">;
type Completed = EventOf<"governance.call.completed">;

/** An upstream chooses its error messages, and a record must fit into a document. */
const MAX_MESSAGE_CHARS = 65_536;
/** A result may have a find in each of its texts. The number of them all is kept beside these. */
const MAX_MASKED = 1_000;

/** The call's document as far as its decision tells it, and the decision's own. */
export function writesOfDecided(event: Decided, now: Date): Write[] {
  const isDenied = event.decision.effect === "deny";
  const decision = governanceLog(event, now);
  if (event.recording === "decision" && !isDenied) return [decision];
  const start = new Date(event.startedAt);
  const call: Write = {
    collection: "tool_logs",
    id: event.callId,
    set: decidedMembers(event, start),
    // Being decided on is all that happens to a denied call.
    setOnInsert: isDenied ? { stored_at: now } : { ...OPEN_END, stored_at: now },
    fact: { part: "decided", at: start },
  };
  return [call, decision];
}

/** The call's document as far as its end tells it. Nothing where the end is not to be kept: a rule's denial always is. */
export function writesOfCompleted(event: Completed, now: Date): Write[] {
  if (event.recording === "decision" && event.status !== "denied") return [];
  const start = new Date(event.startedAt);
  const write: Write = {
    collection: "tool_logs",
    id: event.callId,
    set: completedMembers(event, start),
    setOnInsert: { ...OPEN_BEGINNING, stored_at: now },
    fact: { part: "completed", at: start },
  };
  return [write];
}

// What tells of the call itself is in both lists: a literal with all members stays a fast object, one put together does not.

function decidedMembers(event: Decided, start: Date): Document {
  const isFull = event.recording === "full";
  const inputs = isFull ? event.inputs : null;
  const stored = digestedPayload(inputs);
  const members: Document = {
    call_id: event.callId,
    session_id: event.sessionId,
    principal: event.principal,
    client: event.client,
    server_name: event.server,
    method: event.method,
    tool_name: event.target,
    protocol_version: event.protocolVersion,
    era: event.protocolVersion === null ? null : eraOf(event.protocolVersion),
    start_time: start,
    timestamp: start,
    document_type: "tool_log",
    decision_id: event.decision.decisionId,
    policy_ms: isFull ? event.policyMs : null,
    inputs: stored.value,
    inputs_digest: stored.digest,
    input_size: inputs?.size ?? null,
    inputs_truncated: inputs?.truncated ?? false,
    environment: {
      deployment_mode: event.deploymentMode,
      governance_enabled: true,
      detailed_tracking: isFull,
    },
    denial: denialOf(event),
    counted: event.counted,
  };
  return event.decision.effect === "deny" ? { ...members, ...endOfDenied(event, event.decision.reason) } : members;
}

function completedMembers(event: Completed, start: Date): Document {
  const isFull = event.recording === "full";
  const { transport, rpc, toolError } = event.outcome;
  const outputs = isFull ? event.outputs : null;
  const stored = digestedPayload(outputs);
  return {
    call_id: event.callId,
    session_id: event.sessionId,
    principal: event.principal,
    client: event.client,
    server_name: event.server,
    method: event.method,
    tool_name: event.target,
    protocol_version: event.protocolVersion,
    era: event.protocolVersion === null ? null : eraOf(event.protocolVersion),
    start_time: start,
    timestamp: start,
    document_type: "tool_log",
    decision_id: event.decisionId,
    event_type: "tool_completion",
    status: event.status,
    end_time: new Date(event.at),
    duration_ms: event.durationMs,
    upstream_ms: isFull ? event.upstreamMs : null,
    gateway_ms: isFull ? event.gatewayMs : null,
    outcome: { transport, rpc, tool_error: toolError },
    error_message: messageOf(event),
    outputs: stored.value,
    outputs_digest: stored.digest,
    output_size: outputs?.size ?? null,
    outputs_truncated: outputs?.truncated ?? false,
    masked: event.masked.slice(0, MAX_MASKED),
    masked_count: event.masked.reduce((sum, { count }) => sum + count, 0),
  };
}

function endOfDenied(event: Decided, reason: string): Document {
  return {
    ...OPEN_END,
    event_type: "tool_completion",
    status: "denied",
    end_time: new Date(event.at),
    duration_ms: event.policyMs,
    error_message: reason,
  };
}

function denialOf({ decision }: Decided): Document | null {
  if (decision.effect === "permit") return null;
  return { code: decision.code, rule: decision.rule, reason: decision.reason };
}

/** Cutting may split a pair. */
function messageOf({ errorMessage }: Completed): string | null {
  return errorMessage && wellFormed(errorMessage.slice(0, MAX_MESSAGE_CHARS));
}
