import type { Batch, Closable, Consumer, EventBus, Log, Published } from "@mcp-governance-bridge/shared";
import { type Registry, register } from "prom-client";
import { keepOrBury } from "./dead-letters/bury.ts";
import { createTrackerMetrics } from "./metrics.ts";
import { createPipeline, type PipelineStatus } from "./pipeline.ts";
import type { RecordStore, Write } from "./record-store.ts";
import type { Recorder } from "./recorder.ts";
import { toWrites } from "./records/to-writes.ts";
import { retireAbsent } from "./rosters.ts";

interface TrackerOptions {
  bus: Pick<EventBus, "consume">;
  store: Pick<RecordStore, "apply" | "aggregate">;
  recorder: Recorder;
  log: Log;
  registry?: Registry;
}

export interface Tracker extends Closable {
  /** Never rejects. */
  status(): Promise<PipelineStatus>;
}

/** Keeps every fact of the bus in the record. A batch is acknowledged after it is kept; one that could not be kept comes again. */
export async function createTracker({
  bus,
  store,
  recorder,
  log,
  registry = register,
}: TrackerOptions): Promise<Tracker> {
  let consumer: Consumer | undefined;
  const pipeline = createPipeline(() => consumer?.backlog());
  const metrics = createTrackerMetrics(registry, pipeline.status);

  const keepParts = (event: Published): Promise<void>[] => {
    const documents = new Map<string, Write[]>();
    for (const write of toWrites({ events: [event], dead: [] }, new Date())) {
      const key = `${write.collection}/${write.id}`;
      documents.set(key, [...(documents.get(key) ?? []), write]);
    }
    return [...documents.values()].map((writes) => recorder.record(writes));
  };

  const write = async (facts: Pick<Batch, "events" | "dead">): Promise<void> => {
    const writes = toWrites(facts, new Date());
    await recorder.record(writes);
    await retireAbsent(store, writes);
  };

  const keep = async (batch: Batch): Promise<void> => {
    pipeline.begun(batch);
    const written = metrics.writeSeconds.startTimer();
    try {
      const buried = await keepOrBury(batch, { keep: write, keepParts });
      pipeline.kept();
      written();
      count({ ...batch, dead: [...batch.dead, ...buried] });
    } catch (error) {
      pipeline.failed(error);
      throw error;
    }
  };

  const count = ({ events, dead, redelivered }: Batch): void => {
    metrics.batchSize.observe(events.length);
    for (const { subject } of events) metrics.events.inc({ subject });
    metrics.redelivered.inc(redelivered);
    if (dead.length === 0) return;
    metrics.deadLetters.inc(dead.length);
    log.error(
      { count: dead.length, reason: dead[0]?.reason },
      "messages that cannot be processed went to dead_letters",
    );
  };

  consumer = await bus.consume("tracker", keep);
  return { status: pipeline.status, close: consumer.close };
}
