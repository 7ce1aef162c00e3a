import { Counter, Histogram, type Registry } from "prom-client";

const BATCH_SIZES = [1, 4, 16, 64, 256, 1024];
const WRITE_SECONDS = [0.001, 0.005, 0.02, 0.1, 0.5, 2, 10];

/** What the tracker counts of its own work. Once per registry. */
export function createTrackerMetrics(registry: Registry) {
  const registers = [registry];
  return {
    events: new Counter({
      name: "tracker_events_total",
      help: "Events written to the record, by subject; redelivered ones count again.",
      labelNames: ["subject"],
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
