import { setTimeout as sleep } from "node:timers/promises";
import type { Queue } from "bullmq";

interface Schedule {
  queue: Queue;
  kind: string;
  everyMs: number;
  signal: AbortSignal;
  /** Whose `status` is `ready` while commands can be answered. */
  redis: { status: string };
}

const LOOK_MS = 15_000;
const RETRY_MS = 250;
const OVERDUE_MS = 60_000;

/** Sees to it that the queue has the schedule, also after Redis lost it, for as long as the signal lets it. */
export async function keepScheduled({ queue, kind, everyMs, signal, redis }: Schedule): Promise<void> {
  while (!signal.aborted) {
    const isKept = redis.status === "ready" && (await schedule(queue, kind, everyMs));
    await sleep(isKept ? LOOK_MS : RETRY_MS, undefined, { signal, ref: false }).catch(() => {});
  }
}

async function schedule(queue: Queue, kind: string, everyMs: number): Promise<boolean> {
  try {
    // Of all replicas one at a time. A run that takes longer than the interval is not joined by another.
    await queue.setGlobalConcurrency(1);
    const kept = await queue.getJobScheduler(kind);
    if (kept?.every !== everyMs || isOverdue(kept.next, everyMs)) {
      await queue.upsertJobScheduler(kind, { every: everyMs }, { name: kind });
    }
    return true;
  } catch {
    return false;
  }
}

function isOverdue(next: number | undefined, everyMs: number): boolean {
  return next === undefined || next < Date.now() - everyMs - OVERDUE_MS;
}
