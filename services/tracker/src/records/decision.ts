import type { Decision, DecisionFacts, EventOf } from "@mcp-governance-bridge/shared";
import { encodeJson } from "../payload.ts";
import type { Document, Write } from "../record-store.ts";

/** The decision's own document: with the call's, and the revision it names, enough to make the decision again. */
export function governanceLog(event: EventOf<"governance.call.decided">, now: Date): Write {
  const { decision } = event;
  const at = new Date(event.at);
  return {
    collection: "governance_logs",
    id: decision.decisionId,
    set: {
      decision_id: decision.decisionId,
      ...effectOf(decision),
      rule: decision.rule,
      revision: decision.revision,
      facts: factsOf(decision.facts),
      shadows: decision.shadows,
      // Beside the list, so that an index and a count need not look inside.
      shadow_denied: decision.shadows.length > 0,
      degraded: decision.degraded,
      server_name: event.server,
      tool_name: event.target,
      method: event.method,
      annotations: event.annotations && encodeJson(JSON.stringify(event.annotations)),
      principal: event.principal,
      roles: event.roles,
      client: event.client,
      session_id: event.sessionId,
      call_id: event.callId,
      policy_ms: event.policyMs,
      timestamp: at,
      governance_version: "1.0",
      document_type: "governance_log",
    },
    setOnInsert: { stored_at: now },
    fact: { part: "decided", at },
  };
}

/** What only one of the two effects has; the seed's names where it has them. */
function effectOf(decision: Decision): Document {
  const denial = decision.effect === "deny" ? decision : undefined;
  return {
    decision: denial ? "denied" : "allowed",
    policy_violation: denial?.code ?? null,
    reason: denial?.reason ?? null,
    retry_after_ms: denial?.retryAfterMs ?? null,
    obligations: decision.effect === "permit" ? decision.obligations : [],
  };
}

function factsOf(facts: DecisionFacts | null): Document | null {
  return facts && { at: new Date(facts.at), labels: facts.labels, counters: facts.counters };
}
