import { setTimeout as sleep } from "node:timers/promises";

export interface UntilOptions {
  what: string;
  withinMs?: number;
  everyMs?: number;
}

/** Asks again until the answer is neither undefined nor false; rejects with what was awaited when time is up. */
export async function until<T>(
  ask: () => Promise<T | undefined | false> | T | undefined | false,
  { what, withinMs = 15_000, everyMs = 40 }: UntilOptions,
): Promise<T> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined && answer !== false) return answer;
    if (performance.now() > deadline) throw new Error(`not within ${withinMs} ms: ${what}`);
    await sleep(everyMs);
  }
}

/** True once something accepts connections there. */
export async function answers(url: string, status?: number): Promise<boolean> {
  const response = await fetch(url, { signal: AbortSignal.timeout(3_000) }).catch(() => undefined);
  await response?.body?.cancel();
  return response !== undefined && (status === undefined || response.status === status);
}
