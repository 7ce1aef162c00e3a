import type { Document } from "../record-store.ts";

/** What a call's document has of the end of a permitted call until that is told. */
export const OPEN_END = {
  event_type: "tool_invocation",
  status: "invocation request received",
  end_time: null,
  duration_ms: null,
  upstream_ms: null,
  gateway_ms: null,
  outcome: null,
  error_message: null,
  outputs: null,
  outputs_digest: null,
  output_size: null,
  outputs_truncated: false,
  masked: [],
  masked_count: 0,
} as const satisfies Document;

/** What it has of the decision until that is told. Figures are to count the call when it is. */
export const OPEN_BEGINNING = {
  policy_ms: null,
  inputs: null,
  inputs_digest: null,
  input_size: null,
  inputs_truncated: false,
  environment: null,
  denial: null,
  counted: false,
} as const satisfies Document;

/** What is told of the end of a call when nobody saw it. */
export const LOST_END = {
  event_type: "tool_completion",
  status: "unknown",
  outcome: { transport: "unknown", rpc: null, tool_error: null },
  error_message: "nobody saw the end of the call, which may have run",
} as const satisfies Document;

/**
 * What a call's document has of the end while nothing tells of it. That it is given up for lost is written with its fact,
 * but of a write that fails half-way, and does not come again, the fact may be what is missing.
 */
export function notEnded({ status }: Document): Document {
  return status === LOST_END.status ? { ...OPEN_END, ...LOST_END } : OPEN_END;
}

export const NOT_CLOSED = { status: "open", closed_at: null, close_reason: null } as const satisfies Document;

/** What a session's document has of the beginning until that is told: its end gives it a time. */
export function notOpened({ closed_at }: Document): Document {
  return {
    principal: null,
    client: null,
    protocol_version: null,
    listener: null,
    opened_at: null,
    timestamp: closed_at,
  };
}
