import type { Log } from "@mcp-governance-bridge/shared";
import type { JobQueue } from "../../jobs/job-queue.ts";
import type { RecordStore } from "../../record-store.ts";
import { undelivered } from "../kept-alerts.ts";
import { deliveriesOf, dueOf } from "./attempts.ts";
import type { Deliverer } from "./deliver.ts";

interface DispatcherOptions {
  store: Pick<RecordStore, "aggregate">;
  queue: JobQueue;
  deliverer: Pick<Deliverer, "deliver">;
  log: Log;
  now(): Date;
}

const KIND = "alert-delivery";
const NEVER = new AbortController().signal;

/** Has what alerts have to tell delivered. What is pending is in their documents: jobs are added again until it is not. */
export function createDispatcher({ store, queue, deliverer, log, now }: DispatcherOptions) {
  const inHand = new Set<string>();

  /** Without the queue this process does it itself. */
  const deliverHere = (id: string): void => {
    if (inHand.has(id)) return;
    inHand.add(id);
    void deliverer
      .deliver(id, NEVER)
      .catch((error: unknown) => log.warn({ err: error, alert: id }, "an alert could not be delivered"))
      .finally(() => inHand.delete(id));
  };

  return {
    define(): void {
      queue.define(KIND, {
        attempts: 1,
        backoffMs: 1_000,
        handle: ({ data, signal }) => deliverer.deliver(String(data.alert), signal),
      });
    },
    /** Has everything delivered that is due. */
    async dispatch(): Promise<void> {
      for await (const alert of undelivered(store)) {
        const deliveries = deliveriesOf(alert);
        const isSettled = deliveries.every(({ status }) => status !== "pending");
        if (!isSettled && dueOf(deliveries, now()).length === 0) continue;
        await queue.add(KIND, { id: alert._id, data: { alert: alert._id } }).catch(() => deliverHere(alert._id));
      }
    },
  };
}
