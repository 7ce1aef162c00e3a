import { type Processor, WaitingError } from "bullmq";
import type { JobKind } from "../jobs/job-queue.ts";

/** What a job of BullMQ holds of one of ours. Those that are done again and again hold nothing. */
export interface Told {
  id: string;
  data: Readonly<Record<string, unknown>>;
}

/** Does one job of the kind. One that is left off since the process stops goes back, and has used up no try. */
export function processorOf({ handle }: JobKind, signal: AbortSignal): Processor<Told> {
  return async (job, token) => {
    const { id = "", data = {} } = job.data;
    try {
      signal.throwIfAborted();
      await handle({ id, data, attempt: job.attemptsMade + 1, signal });
    } catch (error) {
      if (!signal.aborted) throw error;
      await job.moveToWait(token);
      throw new WaitingError();
    }
  };
}
