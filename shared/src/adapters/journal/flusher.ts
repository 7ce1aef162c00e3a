import type { Segments } from "./segments.ts";

export interface Flusher {
  /** Something was appended. */
  written(): void;
  /** Resolves when all that was written is on the disk. */
  close(): Promise<void>;
}

export interface FlusherOptions {
  segments: Segments;
  /** Milliseconds between flushes; 0 flushes within `written`. */
  everyMs: number;
  onError: (error: unknown) => void;
}

/** Flushes to the disk in the background, only when there is something to flush. */
export function startFlusher({ segments, everyMs, onError }: FlusherOptions): Flusher {
  let dirty = false;

  async function flush(): Promise<void> {
    if (!dirty) return;
    dirty = false;
    await segments.flush().catch(onError);
  }
  const timer = everyMs > 0 ? setInterval(() => void flush(), everyMs) : undefined;
  timer?.unref();

  return {
    written() {
      if (everyMs === 0) segments.flushNow();
      else dirty = true;
    },
    async close() {
      clearInterval(timer);
      await flush();
    },
  };
}
