import type { Batch, Closable, EventBus, Log } from "@mcp-governance-bridge/shared";
import { type Registry, register } from "prom-client";
import { createTrackerMetrics } from "./metrics.ts";
import type { RecordStore } from "./record-store.ts";
import { toWrites } from "./records/to-writes.ts";
import { retireAbsent } from "./rosters.ts";

interface TrackerOptions {
  bus: Pick<EventBus, "consume">;
  store: RecordStore;
  log: Log;
  registry?: Registry;
}

/** Keeps every fact of the bus in the record. A batch is acknowledged after it is kept; one that could not be kept comes again. */
export async function createTracker({ bus, store, log, registry = register }: TrackerOptions): Promise<Closable> {
  const metrics = createTrackerMetrics(registry);

  const keep = async (batch: Batch): Promise<void> => {
    const written = metrics.writeSeconds.startTimer();
    const writes = toWrites(batch, new Date());
    await store.apply(writes);
    await retireAbsent(store, writes);
    written();
    count(batch);
  };

  const count = ({ events, dead }: Batch): void => {
    metrics.batchSize.observe(events.length);
    for (const { subject } of events) metrics.events.inc({ subject });
    if (dead.length === 0) return;
    metrics.deadLetters.inc(dead.length);
    log.error(
      { count: dead.length, reason: dead[0]?.reason },
      "messages that cannot be processed went to dead_letters",
    );
  };

  return bus.consume("tracker", keep);
}
