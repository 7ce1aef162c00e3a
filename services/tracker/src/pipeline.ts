import type { Backlog, Batch } from "@mcp-governance-bridge/shared";

/** How far the record is behind. */
export interface PipelineStatus {
  /** Since the oldest event happened that is not written yet, as far as this tracker knows; 0 when nothing waits. */
  lagSeconds: number;
  /** Undefined while the bus cannot tell. */
  backlog: Backlog | undefined;
  /** When this tracker wrote its last batch. */
  lastBatchAt: Date | null;
  /** Why the last try to write a batch failed; null where it did not. */
  failure: string | null;
}

/** Keeps account of a tracker's batches. */
export function createPipeline(backlogOf: () => Promise<Backlog> | undefined) {
  let lagMs = 0;
  let oldestMs: number | undefined;
  let lastBatchAt: Date | null = null;
  let failure: string | null = null;

  return {
    begun(batch: Batch): void {
      for (const { event } of batch.events)
        oldestMs = Math.min(oldestMs ?? Number.POSITIVE_INFINITY, Date.parse(event.at));
    },
    kept(): void {
      lastBatchAt = new Date();
      lagMs = oldestMs === undefined ? 0 : lastBatchAt.getTime() - oldestMs;
      oldestMs = undefined;
      failure = null;
    },
    /** What was begun still waits, and comes again. */
    failed(error: unknown): void {
      failure = error instanceof Error ? error.message : String(error);
    },
    async status(): Promise<PipelineStatus> {
      const backlog = await backlogOf()?.catch(() => undefined);
      const waitingMs = oldestMs === undefined ? lagMs : Date.now() - oldestMs;
      const isIdle = backlog?.waiting === 0;
      return { lagSeconds: isIdle ? 0 : Math.max(0, waitingMs) / 1_000, backlog, lastBatchAt, failure };
    },
  };
}
