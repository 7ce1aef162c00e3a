import type { CounterStore, Grant, Limit } from "../counter-store.ts";
import { createSlidingWindow, type SlidingWindow } from "./sliding-window.ts";

/** Counts in this process. `now` is in milliseconds and must not run backwards, so the time of day will not do. */
export function createMemoryCounterStore(now: () => number = () => performance.now()): CounterStore {
  const windowOf = createWindows(now);

  function look(limits: readonly Limit[], at: number): Grant {
    let grant: Grant = { granted: true };
    for (const limit of limits) {
      const window = windowOf(limit);
      window.advance(at);
      const used = window.size;
      if (used < limit.permits) continue;
      const retryAfterMs = window.leavesIn(used - limit.permits, at);
      if (grant.granted || retryAfterMs > grant.retryAfterMs) grant = { granted: false, limit, used, retryAfterMs };
    }
    return grant;
  }

  return {
    async take(limits) {
      const at = now();
      const grant = look(limits, at);
      if (grant.granted) for (const limit of limits) windowOf(limit).add(at);
      return grant;
    },
    async peek(limits) {
      return look(limits, now());
    },
    async ping() {},
    async close() {},
  };
}

const FIRST_SWEEP = 1_024;

/** Windows by limit. Idle ones are forgotten whenever the number has doubled, so that memory follows what is in use. */
function createWindows(now: () => number): (limit: Limit) => SlidingWindow {
  const windows = new Map<string, SlidingWindow>();
  let sweepAt = FIRST_SWEEP;

  function sweep(): void {
    const at = now();
    for (const [name, window] of windows) {
      window.advance(at);
      if (window.size === 0) windows.delete(name);
    }
    sweepAt = Math.max(FIRST_SWEEP, windows.size * 2);
  }

  return ({ key, windowMs }) => {
    const name = `${windowMs}:${key}`;
    const known = windows.get(name);
    if (known) return known;
    if (windows.size >= sweepAt) sweep();
    const window = createSlidingWindow(windowMs);
    windows.set(name, window);
    return window;
  };
}
