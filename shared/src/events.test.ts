import { expect, test } from "vitest";
import { CallStatus, events, Outcome, UpstreamState } from "./events.ts";

const id = "0b5cf5a2-3f6c-4c0e-8f5e-0a4b7a7c1f10";
const closed = { id, at: "2026-11-23T17:00:00.000Z", sessionId: "s", reason: "client" };

test("the subjects are frozen", () => {
  expect(Object.keys(events)).toEqual([
    "governance.call.decided",
    "governance.call.completed",
    "governance.record.read",
    "governance.session.opened",
    "governance.session.closed",
    "governance.upstream.changed",
    "governance.catalogue.changed",
    "governance.config.loaded",
    "governance.policy.changed",
  ]);
});

test("the words that records and dashboards filter by are frozen", () => {
  expect(CallStatus.options).toEqual(["success", "error", "denied", "unknown"]);
  expect(UpstreamState.options).toEqual(["starting", "connected", "disconnected", "disabled"]);
  const transport = ["ok", "unavailable", "lost", "timeout", "cancelled", "invalid", "refused"];
  expect(Outcome.shape.transport.options).toEqual(transport);
});

test("a member that a newer service adds is tolerated", () => {
  expect(events["governance.session.closed"].safeParse({ ...closed, region: "eu" }).success).toBe(true);
});

test("what a release without rules has told is still understood", () => {
  const told = {
    ...{ id, at: closed.at, callId: id, sessionId: "s", principal: "anonymous", client: null },
    ...{ server: "weather", method: "tools/call", target: "forecast", startedAt: closed.at, policyMs: 1 },
    ...{ inputs: null, deploymentMode: "unified" },
    decision: { effect: "permit", decisionId: id, revision: "0123456789ab", obligations: [] },
  };
  expect(events["governance.call.decided"].parse(told)).toMatchObject({
    roles: [],
    annotations: null,
    decision: { facts: null, shadows: [], degraded: [], rule: null },
  });
});

test("an event without its identity or time is refused", () => {
  expect(events["governance.session.closed"].safeParse(closed).success).toBe(true);
  expect(events["governance.session.closed"].safeParse({ ...closed, id: "" }).success).toBe(false);
  expect(events["governance.session.closed"].safeParse({ ...closed, at: "yesterday" }).success).toBe(false);
});

test("each subject says in one sentence what it tells", () => {
  for (const schema of Object.values(events)) expect(schema.description).toMatch(/^[A-Z].*\.$/);
});
