import type { Log } from "../../log.ts";
import { createBreaker } from "./breaker.ts";
import { type Entry, encodeLines, type Line } from "./entry.ts";
import { startFlusher } from "./flusher.ts";
import type { Segments } from "./segments.ts";

export interface Appender {
  /** Keeps all lines or none; returns the problem where it could not. */
  append(lines: readonly Line[]): string | undefined;
  /** Why it is not worth trying at this moment. */
  readonly problem: string | undefined;
  close(): Promise<void>;
}

export interface AppenderOptions {
  segments: Segments;
  log: Log;
  /** What problems and the log call it. */
  name: string;
  /** Milliseconds between flushes to the disk; 0 flushes what is appended before it is acknowledged. */
  flushMs: number;
  /** Throws where what was just written does not count as kept. */
  confirm?: (() => void) | undefined;
  onKept: (entries: readonly Entry[]) => void;
  /** It is worth trying again. */
  onRetry: () => void;
}

const RETRY_MS = 500;

export function createAppender(options: AppenderOptions): Appender {
  const { segments, name, log, flushMs, confirm, onKept, onRetry } = options;
  const breaker = createBreaker({ name, log, retryMs: RETRY_MS, onRetry });
  const flusher = startFlusher({ segments, everyMs: flushMs, onError: breaker.trip });

  return {
    append(lines) {
      if (lines.length === 0) return undefined;
      try {
        const { data, entries } = encodeLines(lines);
        segments.append(data);
        confirm?.();
        onKept(entries);
        flusher.written();
        breaker.pass();
        return undefined;
      } catch (error) {
        return breaker.trip(error);
      }
    },
    get problem() {
      return breaker.problem;
    },
    close: flusher.close,
  };
}
