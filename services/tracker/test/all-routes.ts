import { silentLog } from "@mcp-governance-bridge/shared";
import { RecordSettings } from "@mcp-governance-bridge/shared/configuration";
import { createTimerJobQueue } from "../src/adapters/timer-job-queue.ts";
import { createAlerts } from "../src/alerts/create-alerts.ts";
import type { Endpoint } from "../src/api/endpoint.ts";
import { createLive } from "../src/api/live.ts";
import { governanceRoutes } from "../src/api/routes.ts";
import { createArtifacts } from "../src/artifacts/artifacts.ts";
import { createDeadLetters } from "../src/dead-letters/dead-letters.ts";
import type { RecordStore } from "../src/record-store.ts";
import { makeReport } from "../src/report/report.ts";
import { aFollowedBus } from "./a-followed-bus.ts";
import { RANGE } from "./artifacts.ts";
import { anAnsweringPolicy } from "./policy-answers.ts";

const SETTINGS = RecordSettings.parse({
  alerts: { webhooks: [{ id: "pager", url: "http://127.0.0.1:1/", secret: "a secret of the webhook" }] },
});

/** All that can be asked, of a record with jobs in this process, beside a policy and a bus that only seem to be there. */
export async function allRoutes(store: RecordStore) {
  const queue = createTimerJobQueue({ log: silentLog });
  const retention = () => SETTINGS.retention;
  const checkIntegrity = () => Promise.reject(new Error("not checked here"));
  const artifacts = createArtifacts({
    ...{ store, queue, log: silentLog },
    async *chainOf() {},
    publicKeys: async () => [],
    report: (order) => makeReport({ ...order, store, now: new Date(), retention: retention(), checkIntegrity }),
  });
  const alerts = createAlerts({
    ...{ store, queue, log: silentLog, settings: () => SETTINGS.alerts },
    probes: {
      pipeline: async () => ({ waiting: 0, lagSeconds: null, lastKeptAt: null }),
      unsealedSince: async () => null,
    },
    send: async () => ({ status: 204, error: null }),
  });
  await alerts.evaluate(new AbortController().signal);
  const orders = Array.from({ length: 6 }, async () => [
    await artifacts.orderExport({ ...RANGE, format: "ndjson", collections: ["tool_logs"], filters: {}, by: "ada" }),
    await artifacts.orderReport({ ...RANGE, by: "ada" }),
  ]);
  const ordered = (await Promise.all(orders)).flat();
  const routes: Endpoint[] = governanceRoutes({
    ...{ store, retention, artifacts, alerts, policy: anAnsweringPolicy().policy },
    letters: createDeadLetters({ store, publisher: { publish: async () => undefined }, log: silentLog }),
    who: () => "ada",
    live: createLive({ bus: aFollowedBus().bus }),
    health: {
      database: () => store.status(),
      pipeline: async () => ({ backlog: { waiting: 0, unit: "events" }, lag_ms: null, last_batch_at: null }),
      jobs: () => queue.status(),
      audit: async () => ({ checkpoint_at: new Date() }),
    },
  });
  return { routes, artifacts, ordered, close: () => queue.close() };
}
