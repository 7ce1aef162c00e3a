import { setTimeout as delay } from "node:timers/promises";

const LOOK_MS = 5;

/** Resolves with the first answer that is neither undefined nor false; rejects when there is none within `withinMs`. */
export async function until<T>(ask: () => T | undefined | false, withinMs = 4_000): Promise<T> {
  const end = performance.now() + withinMs;
  for (;;) {
    const answer = ask();
    if (answer !== undefined && answer !== false) return answer;
    if (performance.now() > end) throw new Error(`not within ${withinMs} ms: ${ask}`);
    await delay(LOOK_MS);
  }
}
