const FIRST_MS = 250;
const LONGEST_MS = 5_000;

/** Milliseconds to wait before the next try: doubling, at most five seconds, a quarter of it random. */
export function backoffMs(failures: number, random = Math.random()): number {
  const full = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(failures, 10));
  return Math.round(full * (0.75 + 0.25 * random));
}
