import type { EventOf } from "@mcp-governance-bridge/shared";
import { encodePayload } from "../payload.ts";
import type { Document, Write } from "../record-store.ts";
import { governanceLog } from "./decision.ts";

type Decided = EventOf<"governance.call.decided">;
type Completed = EventOf<"governance.call.completed">;

/** An upstream chooses its error messages, and a record must fit into a document. */
const MAX_MESSAGE_CHARS = 65_536;
/** A result may have a find in each of its texts. The number of them all is kept beside these. */
const MAX_MASKED = 1_000;

/** The call's document as far as its decision tells it, and the decision's own. */
export function writesOfDecided(event: Decided, now: Date): Write[] {
  const call: Write = {
    collection: "tool_logs",
    id: event.callId,
    set: {
      ...callMembers(event),
      decision_id: event.decision.decisionId,
      policy_ms: event.policyMs,
      inputs: encodePayload(event.inputs),
      input_size: event.inputs?.size ?? null,
      inputs_truncated: event.inputs?.truncated ?? false,
      environment: { deployment_mode: event.deploymentMode, governance_enabled: true, detailed_tracking: true },
      denial: denialOf(event),
    },
    setOnInsert: endSoFar(event, now),
  };
  return [call, governanceLog(event, now)];
}

/** The call's document as far as its end tells it. What the decision tells better is only set where that has not come yet. */
export function writesOfCompleted(event: Completed, now: Date): Write[] {
  const { transport, rpc, toolError } = event.outcome;
  const write: Write = {
    collection: "tool_logs",
    id: event.callId,
    set: {
      event_type: "tool_completion",
      status: event.status,
      end_time: new Date(event.at),
      duration_ms: event.durationMs,
      upstream_ms: event.upstreamMs,
      outcome: { transport, rpc, tool_error: toolError },
      error_message: event.errorMessage?.slice(0, MAX_MESSAGE_CHARS) ?? null,
      outputs: encodePayload(event.outputs),
      output_size: event.outputs?.size ?? null,
      outputs_truncated: event.outputs?.truncated ?? false,
      masked: event.masked.slice(0, MAX_MASKED),
      masked_count: event.masked.reduce((sum, { count }) => sum + count, 0),
    },
    setOnInsert: { ...callMembers(event), decision_id: event.decisionId, stored_at: now },
  };
  return [write];
}

function callMembers(event: Decided | Completed): Document {
  const start = new Date(event.startedAt);
  return {
    call_id: event.callId,
    session_id: event.sessionId,
    principal: event.principal,
    client: event.client,
    server_name: event.server,
    method: event.method,
    tool_name: event.target,
    start_time: start,
    timestamp: start,
    document_type: "tool_log",
  };
}

/** A denied call has ended with its decision; any other waits for its completion. */
function endSoFar(event: Decided, now: Date): Document {
  const denial = event.decision.effect === "deny" ? event.decision : undefined;
  return {
    event_type: denial ? "tool_completion" : "tool_invocation",
    status: denial ? "denied" : "invocation request received",
    end_time: denial ? new Date(event.at) : null,
    // Being decided on is all that happens to a denied call.
    duration_ms: denial ? event.policyMs : null,
    error_message: denial?.reason ?? null,
    upstream_ms: null,
    outcome: null,
    outputs: null,
    output_size: null,
    outputs_truncated: false,
    masked: [],
    masked_count: 0,
    stored_at: now,
  };
}

function denialOf({ decision }: Decided): Document | null {
  if (decision.effect === "permit") return null;
  return { code: decision.code, rule: decision.rule, reason: decision.reason };
}
