import { GovernanceError } from "@mcp-governance-bridge/shared";
import { Registry } from "prom-client";
import { expect, test } from "vitest";
import { aTracker } from "../test/a-tracker.ts";
import { aBatch, aCompleted, aDecided } from "../test/builders.ts";
import type { RecordStore, Write } from "./record-store.ts";

type Apply = RecordStore["apply"];

async function trackerOn(apply: Apply) {
  const registry = new Registry();
  const handle = await aTracker({ apply, aggregate: async () => [] }, { registry });
  return { registry, handle };
}

/** A store that refuses whatever has this id. */
function refusing(id: string): { kept: Write[]; apply: Apply } {
  const kept: Write[] = [];
  const apply: Apply = async (writes) => {
    if (writes.some((write) => write.id === id)) throw new Error("BSONObjectTooLarge");
    kept.push(...writes);
  };
  return { kept, apply };
}

test("a batch is kept in one go, with marks for the figures of its minutes", async () => {
  const applied: (readonly Write[])[] = [];
  const { handle } = await trackerOn(async (writes) => void applied.push(writes));
  const decided = aDecided();
  await handle(aBatch(decided, aCompleted(decided), aDecided()));
  expect(applied.map((writes) => writes.map(({ collection }) => collection).sort())).toEqual([
    ["governance_logs", "governance_logs", "tool_logs", "tool_logs", "usage_marks"],
  ]);
});

test("a batch that could not be kept is refused, so that it comes again", async () => {
  const { handle, registry } = await trackerOn(() => Promise.reject(new Error("disk full")));
  await expect(handle(aBatch(aDecided()))).rejects.toThrow("disk full");
  expect(await registry.metrics()).not.toContain("tracker_events_total{");
});

test("while the record is away nothing becomes a dead letter", async () => {
  let tries = 0;
  const { handle } = await trackerOn(async () => {
    tries += 1;
    throw new GovernanceError("store.unavailable", "no server");
  });
  await expect(handle(aBatch(aDecided(), aDecided()))).rejects.toThrow("no server");
  expect(tries).toBe(1);
});

test("an event that the record refuses becomes a dead letter and holds up no other", async () => {
  const poison = aDecided();
  const others = [aDecided(), aDecided(), aDecided(), aDecided()];
  const { kept, apply } = refusing(poison.event.callId);
  const { handle, registry } = await trackerOn(apply);
  await handle(aBatch(...others.slice(0, 3), poison, ...others.slice(3)));
  const ids = (collection: string) => kept.filter((write) => write.collection === collection).map(({ id }) => id);
  expect(ids("tool_logs").sort()).toEqual(others.map(({ event }) => event.callId).sort());
  const letter = kept.find(({ collection }) => collection === "dead_letters");
  expect(letter?.set).toMatchObject({ subject: "governance.call.decided", reason: expect.stringMatching(/TooLarge/) });
  expect(JSON.parse(String(letter?.set.payload))).toEqual(poison.event);
  expect(await registry.metrics()).toContain("tracker_dead_letters_total 1");
});

test("what was kept is counted by subject", async () => {
  const { handle, registry } = await trackerOn(async () => undefined);
  const dead = [{ subject: "s", payload: "", reason: "r" }];
  await handle({ events: [aDecided(), aDecided()], dead, redelivered: 2 });
  const text = await registry.metrics();
  for (const line of [
    'tracker_events_total{subject="governance.call.decided"} 2',
    "tracker_dead_letters_total 1",
    "tracker_redelivered_total 2",
    "tracker_batch_events_count 1",
    "tracker_write_seconds_count 1",
    'tracker_backlog{unit="events"} 3',
  ]) {
    expect(text).toContain(line);
  }
});
