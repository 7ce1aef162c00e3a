import { setTimeout as sleep } from "node:timers/promises";
import { GovernanceError, type Log } from "@mcp-governance-bridge/shared";
import { type ConnectionOptions, Queue, Worker } from "bullmq";
import type { Job, JobKind, JobQueue, QueueStatus } from "../jobs/job-queue.ts";
import { type Connections, openConnections } from "./bullmq-job-queue-connections.ts";
import { processorOf, type Told } from "./bullmq-job-queue-processor.ts";
import { keepScheduled } from "./bullmq-job-queue-schedule.ts";

interface BullOptions {
  /** `redis://host:6379`, or `redis+cluster://host:6379,other:6379` for a cluster. */
  url: string;
  /** Before every name in Redis: replicas of one deployment share it. */
  prefix: string;
  log: Log;
  /** How long after the death of a process its jobs are left to it. */
  lockMs?: number;
}

/** Times that a job may take its process with it before it is given up. */
const MAX_STALLED = 3;
const KEPT_FAILURES = 1_000;
const CLOSE_MS = 5_000;
const LOCK_MS = 20_000;

/**
 * Jobs on Redis, shared by all replicas of one prefix. Returns at once; while Redis is away, work waits and `add`
 * rejects with `jobs.unavailable`.
 */
export function createBullJobQueue(options: BullOptions): JobQueue {
  return new BullJobQueue(options);
}

class BullJobQueue implements JobQueue {
  readonly #connections: Connections;
  readonly #prefix: string;
  readonly #log: Log;
  readonly #lockMs: number;
  readonly #stopping = new AbortController();
  readonly #kinds = new Map<string, { queue: Queue; definition: JobKind }>();
  /** Of what is done again and again: what waits there is no work to be counted. */
  readonly #periodic: Queue[] = [];
  readonly #workers: Worker[] = [];
  #closing: Promise<void> | undefined;

  constructor({ url, prefix, log, lockMs = LOCK_MS }: BullOptions) {
    this.#connections = openConnections(url, log);
    // One slot of a cluster holds all keys that a script of BullMQ touches.
    this.#prefix = `{${prefix}}`;
    this.#log = log;
    this.#lockMs = lockMs;
  }

  define(kind: string, definition: JobKind): void {
    this.#kinds.set(kind, { queue: this.#openQueue(kind), definition });
    this.#work(kind, definition);
  }

  async add(kind: string, { id, data = {}, delayMs = 0 }: Parameters<JobQueue["add"]>[1]): Promise<void> {
    const known = this.#kinds.get(kind);
    if (!known) throw new TypeError(`no jobs of kind ${kind} are defined`);
    const { queue, definition } = known;
    const told: Told = { id, data };
    await answered(
      queue.add(kind, told, {
        // Held until the job is finished, whatever becomes of it.
        deduplication: { id },
        delay: delayMs,
        attempts: definition.attempts,
        backoff: { type: "exponential", delay: definition.backoffMs },
      }),
    );
  }

  every(kind: string, everyMs: number, handle: (signal: AbortSignal) => Promise<void>): void {
    const queue = this.#openQueue(kind);
    this.#periodic.push(queue);
    this.#work(kind, { attempts: 1, backoffMs: 0, handle: ({ signal }) => handle(signal) });
    void keepScheduled({ queue, kind, everyMs, signal: this.#stopping.signal, redis: this.#connections.impatient });
  }

  async status(): Promise<QueueStatus> {
    const kinds = [...this.#kinds.values()];
    const counts = await answered(
      Promise.all(kinds.map(({ queue }) => queue.getJobCounts("wait", "active", "delayed", "failed"))),
    );
    const sum = (state: string): number => counts.reduce((total, count) => total + (count[state] ?? 0), 0);
    return { waiting: sum("wait"), active: sum("active"), delayed: sum("delayed"), failed: sum("failed") };
  }

  async ping(): Promise<void> {
    await answered(this.#connections.impatient.ping());
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#stopping.abort();
    const closed = Promise.all(this.#workers.map((worker) => worker.close()));
    // Without Redis a worker waits for an answer that does not come.
    await Promise.race([closed, sleep(CLOSE_MS, undefined, { ref: false })]).catch(() => {});
    for (const worker of this.#workers) worker.disconnect().catch(() => {});
    const queues = [...this.#periodic, ...[...this.#kinds.values()].map(({ queue }) => queue)];
    await Promise.all(queues.map((queue) => queue.close().catch(() => {})));
    this.#connections.close();
  }

  #openQueue(kind: string): Queue {
    const queue = new Queue(kind, {
      ...this.#optionsFor(this.#connections.impatient),
      skipWaitingForReady: true,
      skipMetasUpdate: true,
    });
    queue.on("error", this.#onError(kind));
    return queue;
  }

  #work(kind: string, definition: JobKind): void {
    const worker = new Worker<Told>(kind, processorOf(definition, this.#stopping.signal), {
      ...this.#optionsFor(this.#connections.patient),
      concurrency: definition.concurrency ?? 1,
      lockDuration: this.#lockMs,
      stalledInterval: this.#lockMs / 2,
      maxStalledCount: MAX_STALLED,
      removeOnComplete: { count: 0 },
      removeOnFail: { count: KEPT_FAILURES },
      runRetryDelay: 1_000,
    });
    worker.on("error", this.#onError(kind));
    worker.on("failed", (job, error) => {
      this.#log.warn({ err: error, kind, id: job?.data.id }, "a job failed");
      const isLast = job && (job.attemptsMade >= definition.attempts || error.name === "UnrecoverableError");
      if (isLast) this.#giveUp(definition, { ...job.data, attempt: job.attemptsMade }, error);
    });
    this.#workers.push(worker);
  }

  #giveUp(definition: JobKind, job: Omit<Job, "signal">, error: unknown): void {
    const told = definition.givenUp?.({ ...job, signal: this.#stopping.signal }, error);
    told?.catch((err: unknown) => this.#log.error({ err, id: job.id }, "that a job was given up could not be told"));
  }

  #optionsFor(connection: unknown): { connection: ConnectionOptions; prefix: string; skipVersionCheck: boolean } {
    // BullMQ's types are of another release of the driver.
    return { connection: connection as ConnectionOptions, prefix: this.#prefix, skipVersionCheck: true };
  }

  #onError(kind: string): (error: Error) => void {
    return (error) => {
      if (this.#connections.impatient.status === "ready") {
        this.#log.warn({ err: error, kind }, "the job queue met an error");
      }
    };
  }
}

async function answered<T>(asked: Promise<T>): Promise<T> {
  try {
    return await asked;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new GovernanceError("jobs.unavailable", `the job queue cannot be reached: ${reason}`, { cause });
  }
}
