import { type Closable, type EventBus, type Log, type PolicyAdmin, Scope } from "@mcp-governance-bridge/shared";
import type { RecordSettings } from "@mcp-governance-bridge/shared/configuration";
import type { Registry } from "prom-client";
import { createAlerts } from "./alerts/create-alerts.ts";
import { createNaming, type Edits } from "./api/edits.ts";
import { createGovernanceApi, type GovernanceApi } from "./api/governance-api.ts";
import { createLive } from "./api/live.ts";
import { governanceRoutes } from "./api/routes.ts";
import { createArtifacts, type ReportOrder } from "./artifacts/artifacts.ts";
import type { Checkpoint } from "./audit/evidence.ts";
import { chainOf } from "./audit/export-chain.ts";
import { publicKeysIn } from "./audit/public-keys.ts";
import type { Signer } from "./audit/signer.ts";
import { createDeadLetters } from "./dead-letters/dead-letters.ts";
import { createExpiry } from "./expiry.ts";
import { healthOf } from "./health-of.ts";
import type { JobQueue } from "./jobs/job-queue.ts";
import { createLostCalls } from "./lost-calls.ts";
import type { PipelineStatus } from "./pipeline.ts";
import type { RecordStore } from "./record-store.ts";
import { createRecorder } from "./recorder.ts";
import { checkIntegrity } from "./report/integrity.ts";
import { makeReport, type Report } from "./report/report.ts";
import { createRetention } from "./retention/retention.ts";
import { createTracker } from "./tracker.ts";
import { createRollup } from "./usage/rollup.ts";

export interface RecordServiceOptions {
  bus: EventBus;
  store: RecordStore;
  /** Closed with the service. */
  queue: JobQueue;
  /** Signs the audit trail. */
  signer: Signer;
  policy: PolicyAdmin;
  /** Who may make changes by the API. */
  edits: Edits;
  /** What the configuration says of the record. */
  settings: RecordSettings;
  /** Milliseconds for which the bus takes an event with an id that it knows for a repeat. */
  repeatMs: number;
  /** Told of each checkpoint of the audit trail; without it they are logged. */
  onCheckpoint?: (checkpoint: Checkpoint) => void;
  log: Log;
  registry?: Registry;
}

export interface RecordService extends Closable {
  api: GovernanceApi;
  /** Goes by other settings from now on. */
  reload(settings: RecordSettings): void;
}

const ROLLUP_MS = 5_000;
const LOST_CALLS_MS = 5_000;
const RETENTION_MS = 3_600_000;
const MINUTE_MS = 60_000;

/** Keeps the record, answers questions about it, and does the work beside it. `close` leaves bus and store open. */
export async function startRecordService(options: RecordServiceOptions): Promise<RecordService> {
  const { bus, store, queue, policy, edits, log } = options;
  const scope = new Scope();
  let { settings } = options;
  const days = () => settings.retention;

  const recorder = scope.use(createRecorder(options));
  // Its jobs write by the recorder.
  scope.use(queue);
  const tracker = scope.use(await createTracker({ ...options, recorder }));
  const pipeline = tracker.status;

  const alerts = createAlerts({
    store,
    queue,
    settings: () => settings.alerts,
    probes: { pipeline: () => probed(pipeline), unsealedSince: async () => recorder.unsealedSince() },
    log,
  });
  scope.use(alerts.start());

  const artifacts = createArtifacts({
    store,
    queue,
    log,
    chainOf,
    publicKeys: () => publicKeysIn(store),
    report: (order) => reportOn(store, order, days()),
  });

  queue.every("figures", ROLLUP_MS, createRollup({ store, retention: days, log }).run);
  queue.every("lost-calls", LOST_CALLS_MS, async (signal) => {
    const unknownAfterMs = settings.unknown_after_minutes * MINUTE_MS;
    await createLostCalls({ store, recorder, unknownAfterMs, log }).run(signal);
  });

  const live = scope.use(createLive({ bus }));
  const letters = createDeadLetters({ store, publisher: bus, repeatMs: options.repeatMs, log });
  const health = healthOf({ store, queue, pipeline });
  const sources = { store, policy, retention: days, letters, artifacts, alerts, live, health };
  const endpoints = governanceRoutes({ ...sources, who: createNaming(edits) });
  const api = createGovernanceApi({ endpoints, edits, readings: bus, log });

  const retention = createRetention({ store, recorder, retention: days, log });
  queue.every("retention", RETENTION_MS, retention.run);
  const expiry = scope.use(createExpiry({ store, announce: retention.announce, log }));
  expiry.set(settings.retention);
  return {
    api,
    reload(next) {
      settings = next;
      expiry.set(settings.retention);
    },
    close: () => scope.close(),
  };
}

/** What the record says of the period that was ordered. */
function reportOn(
  store: RecordStore,
  order: ReportOrder & { signal: AbortSignal },
  retention: RecordSettings["retention"],
): Promise<Report> {
  const check = (signal: AbortSignal) => checkIntegrity(store, signal);
  return makeReport({ ...order, store, now: new Date(), retention, checkIntegrity: check });
}

/** As alerts look at it. */
async function probed(status: () => Promise<PipelineStatus>) {
  const { backlog, lagSeconds, lastBatchAt } = await status();
  if (!backlog) throw new Error("no answer");
  return { waiting: backlog.waiting, lagSeconds, lastKeptAt: lastBatchAt };
}
