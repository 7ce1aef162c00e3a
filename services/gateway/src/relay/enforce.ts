import { type Decision, type EventPublisher, GovernanceError, type Log } from "@mcp-governance-bridge/shared";
import type { Ask, DecisionPoint } from "../ports.ts";
import type { GovernedCall } from "./governed-call.ts";
import { createPolicyFailure, type FailureMode, failClosed } from "./policy-failure.ts";
import type { Reports } from "./reports.ts";
import type { Trail } from "./trail.ts";

export interface EnforcementOptions {
  decisionPoint: Pick<DecisionPoint, "decide">;
  /** What becomes of calls while the decision point is away. */
  onPolicyFailure: () => FailureMode;
  publisher: EventPublisher;
  trail: Trail;
  reports: Reports;
  log: Log;
}

export type Enforce = (call: GovernedCall) => Promise<Decision>;

/**
 * The enforcement point: nothing is forwarded without a permit, and no decision goes unrecorded.
 * Never rejects: what cannot be decided or kept is denied, with a reason that names what is missing,
 * unless the configuration lets calls pass while the policy service is away.
 */
export function createEnforcementPoint(options: EnforcementOptions): Enforce {
  const { decisionPoint, publisher, trail, reports, log } = options;
  const withoutDecision = createPolicyFailure(options.onPolicyFailure);
  let isAway = false;
  const decide = async (call: GovernedCall): Promise<Decision> => {
    try {
      const decision = await decisionPoint.decide(questionOf(call));
      isAway = false;
      return decision;
    } catch (error) {
      const decision = withoutDecision(error);
      const { code } = GovernanceError.from(error);
      // Once per outage: each call of it is recorded as a decision anyway.
      if (!isAway) log.error({ err: error, callId: call.callId, effect: decision.effect }, "no decision could be had");
      isAway = code === "policy.unavailable";
      return decision;
    }
  };

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
      if (decision.effect === "permit") {
        trail.completed(call, decision.decisionId, { failure, upstreamMs: 0 });
        reports.released(call, decision);
      }
      return failClosed("audit_unavailable", failure);
    }
  };
}

const RECORD_FULL = new GovernanceError("audit.unavailable", "too many records wait to be kept");

function questionOf({ callId, session, server, method, target, annotations, ...call }: GovernedCall): Ask {
  return {
    callId,
    sessionId: session.id,
    principal: session.state.principal,
    roles: [...session.state.roles],
    client: session.client,
    server: server.name,
    method,
    target,
    arguments: call.arguments,
    argumentsText: call.argumentsText,
    ...(annotations && { annotations }),
  };
}
