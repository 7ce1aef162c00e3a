import type { CompletionReport, Log, Permit } from "@mcp-governance-bridge/shared";
import type { DecisionPoint } from "../ports.ts";
import type { GovernedCall } from "./governed-call.ts";

export interface Reports {
  /**
   * The client is about to get something of this call before its end. Resolves once the labels that its session has from it
   * are kept; rejects with `policy.unavailable` when they cannot be. Undefined without labels.
   */
  labelled(call: GovernedCall, permit: Permit): Promise<void> | undefined;
  /**
   * The client gets something of this call. Resolves once the labels that its session has from it are kept;
   * rejects with `policy.unavailable` when they cannot be. Without labels there is nothing to wait for.
   */
  handedBack(call: GovernedCall, permit: Permit): Promise<void>;
  /** The client gets nothing of this call: what it held while it ran is free again. */
  released(call: GovernedCall, permit: Permit): void;
}

/** Tells the decision point the end of calls whose permits ask for it. */
export function createReports(decisionPoint: Pick<DecisionPoint, "completed">, log: Log): Reports {
  const report = ({ callId, session }: GovernedCall, { decisionId, obligations }: Permit): CompletionReport => {
    const asked = obligations.filter((obligation) => obligation.kind === "report");
    const labels = asked.flatMap((each) => each.labels);
    const leases = asked.flatMap((each) => each.leases);
    return { decisionId, callId, sessionId: session.id, labels, leases };
  };

  const completed = async (given: CompletionReport) => decisionPoint.completed(given);

  const released: Reports["released"] = (call, permit) => {
    const { leases, ...rest } = report(call, permit);
    if (leases.length === 0) return;
    completed({ ...rest, leases, labels: [] }).catch((error: unknown) => {
      log.warn({ err: error, callId: call.callId }, "the end of a call was not taken; what it held frees itself later");
    });
  };

  return {
    labelled(call, permit) {
      if (permit.obligations.length === 0) return undefined;
      const asked = report(call, permit);
      return asked.labels.length > 0 ? completed({ ...asked, leases: [] }) : undefined;
    },
    async handedBack(call, permit) {
      if (permit.obligations.length === 0) return;
      const { labels, ...rest } = report(call, permit);
      if (labels.length > 0) await completed({ ...rest, labels });
      else released(call, permit);
    },
    released,
  };
}
