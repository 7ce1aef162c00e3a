import { randomUUID } from "node:crypto";
import {
  type Decision,
  type Denial,
  type DenialCode,
  type EventPublisher,
  GovernanceError,
  type Log,
} from "@mcp-governance-bridge/shared";
import type { DecisionPoint } from "../ports.ts";
import type { GovernedCall } from "./governed-call.ts";
import type { Trail } from "./trail.ts";

export interface EnforcementOptions {
  decisionPoint: DecisionPoint;
  publisher: EventPublisher;
  trail: Trail;
  log: Log;
}

export type Enforce = (call: GovernedCall) => Promise<Decision>;

/**
 * The enforcement point: nothing is forwarded without a permit, and no decision goes unrecorded.
 * Never rejects: what cannot be decided or kept is denied, with a reason that names what is missing.
 */
export function createEnforcementPoint({ decisionPoint, publisher, trail, log }: EnforcementOptions): Enforce {
  const decide = (call: GovernedCall): Promise<Decision> =>
    decisionPoint.decide(questionOf(call)).catch((error: unknown) => {
      log.error({ err: error, callId: call.callId }, "no decision, the call is denied");
      return failClosed("policy_unavailable", GovernanceError.from(error));
    });

  return async function enforce(call) {
    if (!publisher.accepting) {
      log.error({ callId: call.callId }, "no room for another record, the call is denied and not recorded");
      return failClosed("audit_unavailable", RECORD_FULL);
    }
    const asked = performance.now();
    const decision = await decide(call);
    try {
      await trail.decided(call, decision, performance.now() - asked);
      return decision;
    } catch (error) {
      log.error({ err: error, callId: call.callId }, "decision not recorded, the call is denied");
      const failure = GovernanceError.from(error);
      if (decision.effect === "permit") trail.completed(call, decision.decisionId, { failure, upstreamMs: 0 });
      return failClosed("audit_unavailable", failure);
    }
  };
}

const RECORD_FULL = new GovernanceError("audit.unavailable", "too many records wait to be kept");

function questionOf({ callId, session, server, method, target, annotations, ...call }: GovernedCall) {
  return {
    callId,
    sessionId: session.id,
    principal: session.state.principal,
    client: session.client,
    server: server.name,
    method,
    target,
    arguments: call.arguments,
    argumentsText: call.argumentsText,
    ...(annotations && { annotations }),
  };
}

function failClosed(code: DenialCode, { message }: GovernanceError): Denial {
  return {
    effect: "deny",
    decisionId: randomUUID(),
    revision: "none",
    code,
    rule: "gateway.fail_closed",
    reason: `Governance error: ${message}`,
  };
}
