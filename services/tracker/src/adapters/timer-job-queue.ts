import { GovernanceError, type Log } from "@mcp-governance-bridge/shared";
import type { JobKind, JobQueue, QueueStatus } from "../jobs/job-queue.ts";
import { Line } from "./timer-job-queue-line.ts";

/** Jobs of this process alone. What was not done is forgotten when it ends, as the port allows. */
export function createTimerJobQueue({ log }: { log: Log }): JobQueue {
  return new TimerJobQueue(log);
}

class TimerJobQueue implements JobQueue {
  readonly #log: Log;
  readonly #lines = new Map<string, Line>();
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #running = new Set<Promise<void>>();
  readonly #stopping = new AbortController();

  constructor(log: Log) {
    this.#log = log;
  }

  define(name: string, definition: JobKind): void {
    const line = new Line({
      name,
      definition,
      log: this.#log,
      signal: this.#stopping.signal,
      after: (milliseconds, act) => this.#after(milliseconds, act),
      track: (work) => this.#track(work),
    });
    this.#lines.set(name, line);
  }

  async add(kind: string, { id, data = {}, delayMs = 0 }: Parameters<JobQueue["add"]>[1]): Promise<void> {
    this.#checkOpen();
    const line = this.#lines.get(kind);
    if (!line) throw new TypeError(`no jobs of kind ${kind} are defined`);
    line.add({ id, data, delayMs });
  }

  every(kind: string, everyMs: number, handle: (signal: AbortSignal) => Promise<void>): void {
    const { signal } = this.#stopping;
    const turn = async (): Promise<void> => {
      const startedAt = Date.now();
      try {
        await handle(signal);
      } catch (error) {
        if (!signal.aborted) this.#log.warn({ err: error, kind }, "a job failed");
      }
      this.#after(Math.max(0, startedAt + everyMs - Date.now()), () => this.#track(turn()));
    };
    this.#after(0, () => this.#track(turn()));
  }

  async status(): Promise<QueueStatus> {
    const total: QueueStatus = { waiting: 0, active: 0, delayed: 0, failed: 0 };
    for (const { status } of this.#lines.values()) {
      total.waiting += status.waiting;
      total.active += status.active;
      total.delayed += status.delayed;
      total.failed += status.failed;
    }
    return total;
  }

  async ping(): Promise<void> {
    this.#checkOpen();
  }

  async close(): Promise<void> {
    this.#stopping.abort();
    for (const timer of this.#timers) clearTimeout(timer);
    await Promise.all(this.#running);
  }

  #checkOpen(): void {
    if (this.#stopping.signal.aborted) throw new GovernanceError("jobs.unavailable", "the job queue is closed");
  }

  #after(milliseconds: number, act: () => void): void {
    if (this.#stopping.signal.aborted) return;
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      act();
    }, milliseconds);
    this.#timers.add(timer);
  }

  #track(work: Promise<void>): void {
    const tracked = work.finally(() => this.#running.delete(tracked));
    this.#running.add(tracked);
  }
}
