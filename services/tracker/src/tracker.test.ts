import { type Batch, silentLog } from "@mcp-governance-bridge/shared";
import { Registry } from "prom-client";
import { expect, test } from "vitest";
import { aBatch, aCompleted, aDecided } from "../test/builders.ts";
import type { RecordStore, Write } from "./record-store.ts";
import { createTracker } from "./tracker.ts";

async function aTracker(apply: RecordStore["apply"]) {
  const registry = new Registry();
  const handlers = new Map<string, (batch: Batch) => Promise<void>>();
  const bus = {
    consume: async (durable: string, handle: (batch: Batch) => Promise<void>) => {
      handlers.set(durable, handle);
      return { close: async () => undefined };
    },
  };
  const store = { apply, aggregate: async () => [], ping: async () => undefined, close: async () => undefined };
  await createTracker({ bus, store, log: silentLog, registry });
  return { registry, handle: async (batch: Batch) => handlers.get("tracker")?.(batch) };
}

test("a batch is kept in one go", async () => {
  const applied: (readonly Write[])[] = [];
  const { handle } = await aTracker(async (writes) => void applied.push(writes));
  const decided = aDecided();
  await handle(aBatch(decided, aCompleted(decided), aDecided()));
  expect(applied.map((writes) => writes.length)).toEqual([4]);
});

test("a batch that could not be kept is refused, so that it comes again", async () => {
  const { handle, registry } = await aTracker(() => Promise.reject(new Error("disk full")));
  await expect(handle(aBatch(aDecided()))).rejects.toThrow("disk full");
  expect(await registry.metrics()).not.toContain("tracker_events_total{");
});

test("what was kept is counted by subject", async () => {
  const { handle, registry } = await aTracker(async () => undefined);
  await handle({ events: [aDecided(), aDecided()], dead: [{ subject: "s", payload: "", reason: "r" }] });
  const text = await registry.metrics();
  expect(text).toContain('tracker_events_total{subject="governance.call.decided"} 2');
  expect(text).toContain("tracker_dead_letters_total 1");
  expect(text).toContain("tracker_batch_events_count 1");
  expect(text).toContain("tracker_write_seconds_count 1");
});
