import type { HealthParts } from "./api/health.ts";
import type { JobQueue } from "./jobs/job-queue.ts";
import type { PipelineStatus } from "./pipeline.ts";
import type { RecordStore } from "./record-store.ts";

interface HealthSources {
  store: RecordStore;
  queue: JobQueue;
  pipeline(): Promise<PipelineStatus>;
}

const NEWEST = [{ $sort: { timestamp: -1, _id: -1 } }, { $limit: 1 }, { $project: { timestamp: 1 } }];

/** How the parts of the tracker are, each as it tells itself. */
export function healthOf({ store, queue, pipeline }: HealthSources): HealthParts {
  return {
    database: async () => {
      await store.ping();
      return store.status();
    },
    async pipeline() {
      const { backlog, lagSeconds, lastBatchAt, failure } = await pipeline();
      if (!backlog) throw new Error("the event bus does not answer");
      const lag_ms = lastBatchAt && Math.round(lagSeconds * 1_000);
      return { backlog, lag_ms, last_batch_at: lastBatchAt, ...(failure !== null && { problem: failure }) };
    },
    jobs: () => queue.status(),
    async audit() {
      const [checkpoint] = await store.aggregate("audit_checkpoints", NEWEST);
      return { checkpoint_at: (checkpoint?.timestamp as Date | undefined) ?? null };
    },
  };
}
