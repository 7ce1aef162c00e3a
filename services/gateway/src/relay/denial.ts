import { type Denial, type DenialCode, type ErrorCode, GovernanceError } from "@mcp-governance-bridge/shared";
import { errorText, resultText } from "../jsonrpc/compose.ts";
import type { IdText } from "../jsonrpc/message.ts";
import { DENIAL_META } from "../protocol.ts";

/** Denials that say nothing of the call, but that it could not be decided or recorded. */
const failures: Partial<Record<DenialCode, ErrorCode>> = {
  policy_error: "policy.unavailable",
  policy_unavailable: "policy.unavailable",
  counters_unavailable: "policy.unavailable",
  labels_unavailable: "policy.unavailable",
  audit_unavailable: "audit.unavailable",
};

/**
 * A denial as the asker gets it. A tool call has a result that a model can read and learn from;
 * other methods have nothing like it and get a JSON-RPC error with the same facts.
 */
export function denialText(id: IdText, method: string, denial: Denial): string {
  const { decisionId, code, rule, revision, retryAfterMs, reason } = denial;
  const facts = { decisionId, code, rule, revision, ...(retryAfterMs !== undefined && { retryAfterMs }) };
  const text = `Governance denied: ${reason}`;
  if (method !== "tools/call") {
    return errorText(id, new GovernanceError(failures[code] ?? "policy.denied", text), { [DENIAL_META]: facts });
  }
  return resultText(
    id,
    JSON.stringify({ content: [{ type: "text", text }], isError: true, _meta: { [DENIAL_META]: facts } }),
  );
}
