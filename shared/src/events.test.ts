import { expect, test } from "vitest";
import { CallStatus, events, Outcome, UpstreamState } from "./events.ts";

const id = "0b5cf5a2-3f6c-4c0e-8f5e-0a4b7a7c1f10";
const closed = { id, at: "2026-11-23T17:00:00.000Z", sessionId: "s", reason: "client" };

test("the subjects are frozen", () => {
  expect(Object.keys(events)).toEqual([
    "governance.call.decided",
    "governance.call.completed",
    "governance.session.opened",
    "governance.session.closed",
    "governance.upstream.changed",
    "governance.catalogue.changed",
    "governance.config.loaded",
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

test("an event without its identity or time is refused", () => {
  expect(events["governance.session.closed"].safeParse(closed).success).toBe(true);
  expect(events["governance.session.closed"].safeParse({ ...closed, id: "" }).success).toBe(false);
  expect(events["governance.session.closed"].safeParse({ ...closed, at: "yesterday" }).success).toBe(false);
});

test("each subject says in one sentence what it tells", () => {
  for (const schema of Object.values(events)) expect(schema.description).toMatch(/^[A-Z].*\.$/);
});
