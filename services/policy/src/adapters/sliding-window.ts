/** The permits of one limit that are in use, by the calls that took them, oldest first. Memory is proportional to those calls. */
export interface SlidingWindow {
  readonly used: number;
  /** Gives back the permits that have left the window at `now`. */
  advance(now: number): void;
  add(now: number, permits: number): void;
  /** Milliseconds after `now` at which `permits` of those in use have left. */
  leaveIn(permits: number, now: number): number;
}

interface Entry {
  at: number;
  /** Permits ever taken, up to and with these. */
  total: number;
}

/** A window of `windowMs` milliseconds; the times it is told must not run backwards. */
export function createSlidingWindow(windowMs: number): SlidingWindow {
  const entries: Entry[] = [];
  let head = 0;
  /** Permits that have left. */
  let left = 0;

  const total = (): number => entries.at(-1)?.total ?? left;

  /** The time of the first entry with which at least `wanted` permits were ever taken. */
  function timeOf(wanted: number): number | undefined {
    let low = head;
    let high = entries.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((entries[middle]?.total ?? wanted) >= wanted) high = middle;
      else low = middle + 1;
    }
    return entries[low]?.at;
  }

  return {
    get used() {
      return total() - left;
    },
    advance(now) {
      for (let entry = entries[head]; entry && entry.at <= now - windowMs; entry = entries[head]) {
        left = entry.total;
        head += 1;
      }
      // Moving the rest only while it is the smaller part keeps the cost of each permit constant.
      if (head * 2 <= entries.length) return;
      entries.splice(0, head);
      head = 0;
    },
    add(now, permits) {
      entries.push({ at: now, total: total() + permits });
    },
    leaveIn(permits, now) {
      return Math.ceil((timeOf(left + permits) ?? now) + windowMs - now);
    },
  };
}
