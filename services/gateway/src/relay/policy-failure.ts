import { randomUUID } from "node:crypto";
import type { Decision, Denial, DenialCode, Permit } from "@mcp-governance-bridge/shared";
import { GovernanceError } from "@mcp-governance-bridge/shared";
import type { Configuration } from "@mcp-governance-bridge/shared/configuration";

export type FailureMode = Configuration["onPolicyFailure"];

const MINUTE_MS = 60_000;
const RULE = "gateway.failure_modes.policy";

/** What no policy was reached for. */
const unreached = { revision: "none", facts: null, shadows: [] };

/** A denial because of what is missing. */
export function failClosed(code: DenialCode, { message }: GovernanceError, retryAfterMs?: number): Denial {
  return {
    effect: "deny",
    decisionId: randomUUID(),
    ...unreached,
    degraded: [],
    code,
    rule: "gateway.fail_closed",
    reason: `Governance error: ${message}`,
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  };
}

/**
 * What becomes of calls that no decision could be had for. Only an outage is a matter of configuration:
 * a fault of any other kind denies, whatever the mode.
 */
export function createPolicyFailure(mode: () => FailureMode, now: () => number = () => performance.now()) {
  /** When the permits of the last minute were given, oldest first. */
  let given: number[] = [];

  function permitsLeft(permits: number): boolean {
    const since = now() - MINUTE_MS;
    const current = given.findIndex((at) => at > since);
    given = current === -1 ? [] : given.slice(current);
    if (given.length >= permits) return false;
    given.push(now());
    return true;
  }

  return (error: unknown): Decision => {
    const failure = GovernanceError.from(error);
    const chosen = mode();
    if (failure.code !== "policy.unavailable" || chosen === "closed") return failClosed("policy_unavailable", failure);
    if (chosen === "open") return permit("open");
    if (permitsLeft(chosen.local)) return permit("local");
    const message = `${failure.message}, and this gateway's own ${chosen.local} calls per minute are used up`;
    const retryAfterMs = Math.ceil((given[0] ?? now()) + MINUTE_MS - now());
    return failClosed("policy_unavailable", new GovernanceError("policy.unavailable", message), retryAfterMs);
  };
}

function permit(mode: "open" | "local"): Permit {
  return {
    effect: "permit",
    decisionId: randomUUID(),
    ...unreached,
    degraded: [{ rule: RULE, dependency: "policy", mode }],
    rule: null,
    obligations: [],
  };
}
