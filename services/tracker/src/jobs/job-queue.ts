import type { Closable } from "@mcp-governance-bridge/shared";

export interface Job {
  id: string;
  /** JSON values. */
  data: Readonly<Record<string, unknown>>;
  /** Counts from 1. */
  attempt: number;
  /** Aborted when the process is to stop: leave off, and the job comes again, here or elsewhere. */
  signal: AbortSignal;
}

export interface JobKind {
  /** Tries before a job is given up. */
  attempts: number;
  /** Milliseconds before the second try; doubled for each one after it. */
  backoffMs: number;
  /** How many of them at once in this process; one where it is missing. */
  concurrency?: number;
  /** Rejects to be tried again. Must stand being called twice for one job, also at once after a process was lost. */
  handle(job: Job): Promise<void>;
  /** Told of a job whose last try has failed. */
  givenUp?(job: Job, error: unknown): Promise<void>;
}

export interface QueueStatus {
  waiting: number;
  active: number;
  delayed: number;
  failed: number;
}

/**
 * Work beside the record, shared by all replicas of the tracker. It keeps nothing that the record does not have: what
 * must be done is in the record, and is added again when a queue was lost.
 */
export interface JobQueue extends Closable {
  /** To be called before the first `add` of the kind. */
  define(kind: string, definition: JobKind): void;
  /** Has the job done by one of the replicas. No effect while a job of this kind and id waits or is under way. */
  add(kind: string, job: { id: string; data?: Job["data"]; delayMs?: number }): Promise<void>;
  /** Has something done again and again: one run at a time among all replicas, a missed one is not made up for. */
  every(kind: string, everyMs: number, handle: (signal: AbortSignal) => Promise<void>): void;
  status(): Promise<QueueStatus>;
  /** Rejects with `jobs.unavailable` when no work can be done at this moment. */
  ping(): Promise<void>;
}
