import {
  type CompletionReport,
  type Decision,
  type EventPublisher,
  GovernanceError,
} from "@mcp-governance-bridge/shared";
import { createMemoryEventBus } from "@mcp-governance-bridge/shared/testing";
import { describe, expect, test } from "vitest";
import { aLog } from "../../test/a-log.ts";
import { aDecisionPoint, aDenial, aPermit, aPermitWith, aServer, aSessionState } from "../../test/builders.ts";
import { Session } from "../front/session.ts";
import { createEnforcementPoint } from "./enforce.ts";
import type { GovernedCall } from "./governed-call.ts";
import type { FailureMode } from "./policy-failure.ts";
import { createReports } from "./reports.ts";
import { createTrail } from "./trail.ts";

const aCall: GovernedCall = {
  callId: "5b8f6a1e-0f0e-4f3a-9b8e-2f1d3c4b5a60",
  session: new Session("key", aSessionState()),
  server: aServer(),
  method: "tools/call",
  target: "forecast",
  arguments: {},
  argumentsText: "{}",
  annotations: undefined,
  startedAt: new Date(),
  startedMs: performance.now(),
  policyMs: 0,
};

interface Circumstances {
  full?: boolean;
  refusing?: boolean;
  mode?: FailureMode;
}

/** An enforcement point before a policy that says this, and before a bus that keeps what it is told, unless it is to refuse. */
function anEnforcementPoint(decide: () => Promise<Decision>, { mode = "closed", ...bus }: Circumstances = {}) {
  const { published, tell, ...memory } = createMemoryEventBus();
  let asked = 0;
  const publisher: EventPublisher = {
    tell,
    accepting: bus.full !== true,
    async publish(subject, event) {
      if (bus.refusing) throw new GovernanceError("audit.unavailable", "NATS did not answer");
      return memory.publish(subject, event);
    },
  };
  const { log } = aLog();
  const reported: CompletionReport[] = [];
  const decisionPoint = aDecisionPoint({
    decide: () => {
      asked += 1;
      return decide();
    },
    completed: async (report) => void reported.push(report),
  });
  const trail = createTrail(publisher, () => ({ deploymentMode: "unified", enableTracking: true }));
  const reports = createReports(decisionPoint, log);
  const onPolicyFailure = () => mode;
  const enforce = createEnforcementPoint({ decisionPoint, onPolicyFailure, publisher, trail, reports, log });
  return { enforce, asked: () => asked, published, reported };
}

const permit = async () => aPermit;
const closed = { effect: "deny", rule: "gateway.fail_closed", revision: "none" };

describe("the enforcement point", () => {
  test.each([aPermit, aDenial()])("gives the decision once it is recorded: $effect", async (decision) => {
    const { enforce, published } = anEnforcementPoint(async () => decision);
    const asking = enforce(aCall);
    expect(published).toEqual([]);
    expect(await asking).toBe(decision);
    expect(published).toMatchObject([
      { subject: "governance.call.decided", event: { id: `${aCall.callId}.decided`, decision } },
    ]);
  });

  test.each([
    [
      new GovernanceError("policy.unavailable", "the policy service is not running"),
      "the policy service is not running",
    ],
    [new Error("secret detail"), "internal error"],
  ])("denies when no decision can be had, and records that", async (failure, why) => {
    const { enforce, published } = anEnforcementPoint(() => Promise.reject(failure));
    const decision = await enforce(aCall);
    expect(decision).toMatchObject({ ...closed, code: "policy_unavailable", reason: `Governance error: ${why}` });
    expect(published).toMatchObject([{ event: { decision } }]);
  });

  test("denies when the decision cannot be kept, and tells it later with a permit's end", async () => {
    const { enforce, published } = anEnforcementPoint(permit, { refusing: true });
    expect(await enforce(aCall)).toMatchObject({
      ...closed,
      code: "audit_unavailable",
      reason: "Governance error: NATS did not answer",
    });
    expect(published).toMatchObject([
      { subject: "governance.call.decided", event: { decision: aPermit } },
      {
        subject: "governance.call.completed",
        event: { decisionId: aPermit.decisionId, status: "denied", outcome: { transport: "refused" } },
      },
    ]);
  });

  test("tells a denial that cannot be kept later, and nothing else", async () => {
    const { enforce, published } = anEnforcementPoint(async () => aDenial(), { refusing: true });
    expect(await enforce(aCall)).toMatchObject({ ...closed, code: "audit_unavailable" });
    expect(published).toMatchObject([{ event: { decision: { code: "rate_limit" } } }]);
  });

  test("denies without asking while too many records wait", async () => {
    const { enforce, asked } = anEnforcementPoint(permit, { full: true });
    expect(await enforce(aCall)).toMatchObject({ ...closed, code: "audit_unavailable" });
    expect(asked()).toBe(0);
  });

  test("gives back what a permitted call holds when the decision cannot be kept", async () => {
    const permit = aPermitWith({ kind: "report", labels: ["private_data"], leases: ["lease"] });
    const { enforce, reported } = anEnforcementPoint(async () => permit, { refusing: true });
    await enforce(aCall);
    expect(reported).toMatchObject([{ callId: aCall.callId, labels: [], leases: ["lease"] }]);
  });
});

describe("while the policy service is away", () => {
  const away = () => Promise.reject(new GovernanceError("policy.unavailable", "the policy service is not running"));
  const degraded = (mode: string) => [{ rule: "gateway.failure_modes.policy", dependency: "policy", mode }];

  test("row 70: the mode open permits, and the record says that no policy was reached", async () => {
    const { enforce, published } = anEnforcementPoint(away, { mode: "open" });
    const decision = await enforce(aCall);
    expect(decision).toMatchObject({ effect: "permit", revision: "none", facts: null, degraded: degraded("open") });
    expect(published).toMatchObject([{ subject: "governance.call.decided", event: { decision } }]);
  });

  test("the mode local permits so many calls in any minute, and then says when to try again", async () => {
    const { enforce } = anEnforcementPoint(away, { mode: { local: 2 } });
    const permitted = { effect: "permit", degraded: degraded("local") };
    expect(await enforce(aCall)).toMatchObject(permitted);
    expect(await enforce(aCall)).toMatchObject(permitted);
    const denial = await enforce(aCall);
    expect(denial).toMatchObject({ ...closed, code: "policy_unavailable", retryAfterMs: expect.any(Number) });
  });

  test.each(["open", { local: 5 }] as const)("a fault of another kind is denied in the mode %j too", async (mode) => {
    for (const error of [new Error("bug"), new GovernanceError("message.too_large", "too large to be asked about")]) {
      const { enforce } = anEnforcementPoint(() => Promise.reject(error), { mode });
      expect(await enforce(aCall)).toMatchObject({ ...closed, code: "policy_unavailable" });
    }
  });

  test("a decision that was had is what holds, whatever the mode", async () => {
    const { enforce } = anEnforcementPoint(async () => aDenial(), { mode: "open" });
    expect(await enforce(aCall)).toEqual(aDenial());
  });
});
