/** The permits of one limit that are in use, oldest first. Memory and work stay proportional to their number. */
export interface SlidingWindow {
  readonly size: number;
  /** Gives back the permits that have left the window at `now`. */
  advance(now: number): void;
  add(now: number): void;
  /** Milliseconds after `now` at which the permit at `index` from the oldest leaves; the whole window where there is none. */
  leavesIn(index: number, now: number): number;
}

/** A window of `windowMs` milliseconds; the times it is told must not run backwards. */
export function createSlidingWindow(windowMs: number): SlidingWindow {
  const times: number[] = [];
  let head = 0;

  return {
    get size() {
      return times.length - head;
    },
    advance(now) {
      while (head < times.length && (times[head] ?? now) <= now - windowMs) head += 1;
      // Moving the rest only while it is the smaller part keeps the cost of each permit constant.
      if (head * 2 <= times.length) return;
      times.splice(0, head);
      head = 0;
    },
    add(now) {
      times.push(now);
    },
    leavesIn(index, now) {
      return Math.ceil((times[head + index] ?? now) + windowMs - now);
    },
  };
}
