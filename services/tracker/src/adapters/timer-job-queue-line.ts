import type { Log } from "@mcp-governance-bridge/shared";
import type { Job, JobKind, QueueStatus } from "../jobs/job-queue.ts";

type Work = Omit<Job, "signal">;

interface LineOptions {
  name: string;
  definition: JobKind;
  log: Log;
  signal: AbortSignal;
  /** Calls after so many milliseconds, unless the queue is closed before. */
  after(milliseconds: number, act: () => void): void;
  /** Has what is under way waited for when the queue closes. */
  track(work: Promise<void>): void;
}

/** The jobs of one kind. */
export class Line {
  readonly #options: LineOptions;
  /** Those that wait, are delayed or under way. */
  readonly #known = new Set<string>();
  readonly #waiting: Work[] = [];
  readonly #count = { active: 0, delayed: 0, failed: 0 };

  constructor(options: LineOptions) {
    this.#options = options;
  }

  get status(): QueueStatus {
    return { waiting: this.#waiting.length, ...this.#count };
  }

  add({ id, data, delayMs }: Pick<Job, "id" | "data"> & { delayMs: number }): void {
    if (this.#known.has(id)) return;
    this.#known.add(id);
    this.#enqueue({ id, data, attempt: 1 }, delayMs);
  }

  #enqueue(work: Work, delayMs: number): void {
    if (delayMs === 0) {
      this.#waiting.push(work);
      this.#next();
      return;
    }
    this.#count.delayed += 1;
    this.#options.after(delayMs, () => {
      this.#count.delayed -= 1;
      this.#enqueue(work, 0);
    });
  }

  #next(): void {
    const { definition, signal, track } = this.#options;
    if (signal.aborted || this.#count.active >= (definition.concurrency ?? 1)) return;
    const work = this.#waiting.shift();
    if (!work) return;
    this.#count.active += 1;
    track(
      this.#run(work).finally(() => {
        this.#count.active -= 1;
        this.#next();
      }),
    );
  }

  async #run(work: Work): Promise<void> {
    const { name, definition, log, signal } = this.#options;
    try {
      await definition.handle({ ...work, signal });
      this.#known.delete(work.id);
    } catch (error) {
      if (signal.aborted) return;
      log.warn({ err: error, kind: name, id: work.id }, "a job failed");
      if (work.attempt < definition.attempts) {
        this.#enqueue({ ...work, attempt: work.attempt + 1 }, definition.backoffMs * 2 ** (work.attempt - 1));
      } else await this.#giveUp(work, error);
    }
  }

  async #giveUp(work: Work, cause: unknown): Promise<void> {
    const { name, definition, log, signal } = this.#options;
    this.#known.delete(work.id);
    this.#count.failed += 1;
    try {
      await definition.givenUp?.({ ...work, signal }, cause);
    } catch (error) {
      log.error({ err: error, kind: name, id: work.id }, "that a job was given up could not be told");
    }
  }
}
