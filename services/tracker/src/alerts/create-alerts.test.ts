import { GovernanceError, silentLog } from "@mcp-governance-bridge/shared";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { aReceiver, type Receiver } from "../../test/a-receiver.ts";
import { aLmdbStore } from "../../test/adapters/record-stores.ts";
import { alertSettings } from "../../test/alert-settings.ts";
import { createTimerJobQueue } from "../adapters/timer-job-queue.ts";
import type { JobQueue } from "../jobs/job-queue.ts";
import type { RecordStore } from "../record-store.ts";
import { createAlerts } from "./create-alerts.ts";

let store: RecordStore;
let pager: Receiver;
beforeEach(async () => {
  store = await aLmdbStore();
  pager = await aReceiver();
});
afterEach(async () => {
  vi.useRealTimers();
  await pager.close();
  await store.close();
});

test("without the job queue a replica evaluates by itself, and tells webhooks by itself", async () => {
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
  const away = () => Promise.reject(new GovernanceError("jobs.unavailable", "away"));
  const queue: JobQueue = Object.assign(createTimerJobQueue({ log: silentLog }), {
    ...{ every: () => undefined, add: away, ping: away },
  });
  const settings = alertSettings({ rules: [{ id: "letters", kind: "dead_letters" }], webhooks: [pager.webhook] });
  const probes = {
    pipeline: async () => ({ waiting: 0, lagSeconds: null, lastKeptAt: null }),
    unsealedSince: async () => null,
  };
  const alerts = createAlerts({ store, queue, probes, settings: () => settings, log: silentLog });
  const timestamp = new Date();
  const letter = { status: "dead", subject: "s", reason: "no JSON", timestamp };
  await store.apply([{ collection: "dead_letters", id: "a", set: letter }]);

  const started = alerts.start();
  vi.advanceTimersByTime(10_000);
  await vi.waitFor(() => expect(pager.received).toMatchObject([{ isSigned: true }]), { timeout: 5_000 });
  const isTold = async () => (await store.aggregate("alerts", [{ $match: { undelivered: false } }])).length === 1;
  await vi.waitFor(async () => expect(await isTold()).toBe(true), { timeout: 5_000 });
  await started.close();
  await queue.close();
});
