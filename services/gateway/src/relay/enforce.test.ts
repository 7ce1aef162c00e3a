import { type Decision, type EventPublisher, GovernanceError } from "@mcp-governance-bridge/shared";
import { createMemoryEventBus } from "@mcp-governance-bridge/shared/testing";
import { describe, expect, test } from "vitest";
import { aLog } from "../../test/a-log.ts";
import { aDenial, aPermit, aServer, aSessionState } from "../../test/builders.ts";
import { Session } from "../front/session.ts";
import { createEnforcementPoint } from "./enforce.ts";
import type { GovernedCall } from "./governed-call.ts";
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
};

/** An enforcement point before a policy that says this, and before a bus that keeps what it is told, unless it is to refuse. */
function anEnforcementPoint(decide: () => Promise<Decision>, bus: { full?: boolean; refusing?: boolean } = {}) {
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
  const decisionPoint = {
    decide: () => {
      asked += 1;
      return decide();
    },
    async ping() {},
    async close() {},
  };
  const trail = createTrail(publisher, "unified");
  const enforce = createEnforcementPoint({ decisionPoint, publisher, trail, log: aLog().log });
  return { enforce, asked: () => asked, published };
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
});
