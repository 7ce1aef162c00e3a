import { Counter, Gauge, Histogram, type Registry } from "prom-client";
import type { PipelineStatus } from "./pipeline.ts";

const BATCH_SIZES = [1, 4, 16, 64, 256, 1024];
const WRITE_SECONDS = [0.001, 0.005, 0.02, 0.1, 0.5, 2, 10];

/** What the tracker counts of its own work. Once per registry. */
export function createTrackerMetrics(registry: Registry, status: () => Promise<PipelineStatus>) {
  const registers = [registry];
  new Gauge({
    name: "tracker_lag_seconds",
    help: "Seconds since the oldest event happened that is not written yet; 0 when nothing waits.",
    registers,
    async collect() {
      this.set((await status()).lagSeconds);
    },
  });
  new Gauge({
    name: "tracker_backlog",
    help: "What the event bus holds for the trackers, in events or in messages of several; missing while it cannot tell.",
    labelNames: ["unit"],
    registers,
    async collect() {
      this.reset();
      const { backlog } = await status();
      if (backlog) this.set({ unit: backlog.unit }, backlog.waiting);
    },
  });
  return {
    events: new Counter({
      name: "tracker_events_total",
      help: "Events written to the record, by subject; redelivered ones count again.",
      labelNames: ["subject"],
      registers,
    }),
    redelivered: new Counter({
      name: "tracker_redelivered_total",
      help: "Events and dead letters written that had been delivered before.",
      registers,
    }),
    deadLetters: new Counter({
      name: "tracker_dead_letters_total",
      help: "Messages kept that can never be processed.",
      registers,
    }),
    batchSize: new Histogram({
      name: "tracker_batch_events",
      help: "Events in a batch.",
      buckets: BATCH_SIZES,
      registers,
    }),
    writeSeconds: new Histogram({
      name: "tracker_write_seconds",
      help: "Seconds until a batch was kept by the record store.",
      buckets: WRITE_SECONDS,
      registers,
    }),
  };
}
