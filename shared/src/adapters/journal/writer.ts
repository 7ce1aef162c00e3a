import type { Published } from "../../events.ts";
import type { Log } from "../../log.ts";
import { unavailable } from "../unavailable.ts";
import { type AppenderOptions, createAppender } from "./appender.ts";
import { type Line, toLine } from "./entry.ts";
import { createGroup, type Group } from "./group.ts";

export interface JournalWriter {
  /** Resolves once the line is written, together with all others of this turn of the event loop. */
  publish(published: Published): Promise<void>;
  /** Takes the line now and writes it as soon as the disk allows. */
  tell(published: Published): void;
  /** Why nothing can be kept at this moment; undefined while all is well. */
  problem(): string | undefined;
  close(): Promise<void>;
}

export interface JournalWriterOptions extends Omit<AppenderOptions, "onRetry"> {
  log: Log;
  /** Size of the journal at which `publish` is refused. */
  maxBytes: number;
}

const MAX_TOLD = 50_000;

/** Group commit: one write for all that was published in one turn of the event loop. */
export function createJournalWriter({ maxBytes, ...options }: JournalWriterOptions): JournalWriter {
  const { segments, name, log } = options;
  const appender = createAppender({ ...options, onRetry: schedule });
  let group: Group | undefined;
  let told: Line[] = [];
  let scheduled = false;

  function schedule(): void {
    if (scheduled) return;
    scheduled = true;
    setImmediate(commit);
  }

  function commit(): void {
    const published = group;
    group = undefined;
    scheduled = false;
    const failure = appender.append(published ? told.concat(published.lines) : told);
    if (failure === undefined) told = [];
    published?.settle(failure);
  }

  function problem(): string | undefined {
    if (segments.end - segments.start >= maxBytes) return `${name} holds its limit of ${maxBytes} bytes`;
    if (told.length >= MAX_TOLD) return "too many facts wait to be kept";
    return appender.problem;
  }

  return {
    problem,
    publish(published) {
      const reason = problem();
      if (reason !== undefined) return Promise.reject(unavailable(reason));
      group ??= createGroup();
      group.lines.push(toLine(published));
      schedule();
      return group.settled;
    },
    tell(published) {
      told.push(toLine(published));
      if (appender.problem === undefined) schedule();
    },
    async close() {
      commit();
      if (told.length > 0) log.error({ lost: told.length }, "closed with facts that could not be kept");
      await appender.close();
    },
  };
}
