import { type Closable, GovernanceError, type Log } from "@mcp-governance-bridge/shared";
import type { Alerts as AlertSettings } from "@mcp-governance-bridge/shared/configuration";
import type { JobQueue } from "../jobs/job-queue.ts";
import type { RecordStore } from "../record-store.ts";
import { createDeliverer } from "./delivery/deliver.ts";
import { createDispatcher } from "./delivery/dispatch.ts";
import { createSend, type Send, type Sent } from "./delivery/send.ts";
import { createEvaluation, type EvaluationReport } from "./evaluation.ts";
import { createOutage } from "./outage.ts";
import { createRecordingWatch, type Probes } from "./rules/recording-stopped.ts";

const EVERY_MS = 10_000;

export interface AlertsOptions {
  store: Pick<RecordStore, "apply" | "aggregate" | "ping">;
  queue: JobQueue;
  /** `governance.alerts` as it is in force. */
  settings(): AlertSettings;
  probes: Omit<Probes, "store">;
  log: Log;
  now?: () => Date;
  send?: Send;
}

export interface Alerts {
  /** Has the rules evaluated every 10 s by one of the replicas, and by each of them while the queue is away. */
  start(): Closable;
  evaluate(signal: AbortSignal): Promise<void>;
  report(): EvaluationReport | undefined;
  settings(): AlertSettings;
  /** Sends a delivery that says it is a test. Rejects with `request.invalid` where there is no such webhook. */
  test(webhook: string): Promise<Sent>;
}

/** Raises alerts by the rules of the configuration, keeps them in the record, and tells webhooks. */
export function createAlerts({ store, queue, settings, probes, log, ...options }: AlertsOptions): Alerts {
  const { now = () => new Date(), send = createSend() } = options;
  const webhooks = () => settings().webhooks;
  const deliverer = createDeliverer({ store, webhooks, send, log, now });
  const dispatcher = createDispatcher({ store, queue, deliverer, log, now });
  const { evaluate, report } = createEvaluation({
    ...{ store, settings, dispatch: dispatcher.dispatch, log, now },
    outage: createOutage({ store, deliverer, webhooks }),
    watchRecording: createRecordingWatch({ ...probes, store: () => store.ping() }),
  });

  return {
    evaluate,
    report,
    settings,
    start: () => startAlerts({ queue, evaluate, define: dispatcher.define, log }),
    async test(id) {
      const webhook = webhooks().find((each) => each.id === id);
      if (!webhook) throw new GovernanceError("request.invalid", `webhook: there is none named ${id}`);
      const at = now();
      const body = JSON.stringify({ type: "test", timestamp: at, data: { sentence: "This is a test." } });
      return send(webhook, { id: `test-${at.getTime()}`, body, at }, new AbortController().signal);
    },
  };
}

interface Starting {
  queue: JobQueue;
  evaluate(signal: AbortSignal): Promise<void>;
  define(): void;
  log: Log;
}

function startAlerts({ queue, evaluate, define, log }: Starting): Closable {
  const stopping = new AbortController();
  define();
  queue.every("alerts", EVERY_MS, evaluate);
  // Without the queue nobody would be told that something is wrong.
  const alone = setInterval(() => {
    queue
      .ping()
      .catch(() => evaluate(stopping.signal))
      .catch((error: unknown) => log.warn({ err: error }, "alerts could not be evaluated"));
  }, EVERY_MS);
  alone.unref();
  return {
    async close() {
      clearInterval(alone);
      stopping.abort();
    },
  };
}
