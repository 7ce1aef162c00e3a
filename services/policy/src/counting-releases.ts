import type { CounterStore } from "./counter-store.ts";

const RETRY_MS = 500;
/** Calls whose leases are owed at once. Beyond it the oldest are left to end by themselves. */
const MOST_OWED = 10_000;

/** Gives back leases: at once, or else as soon as the store can be reached. Resolves after the first attempt, and never rejects. */
export function createReleases(
  store: Pick<CounterStore, "release">,
): (leases: readonly string[], holder: string) => Promise<void> {
  const owed = new Map<string, readonly string[]>();
  let isWaiting = false;

  function retryLater(): void {
    if (isWaiting) return;
    isWaiting = true;
    setTimeout(retry, RETRY_MS).unref();
  }

  async function retry(): Promise<void> {
    await Promise.all(
      [...owed].map(async ([holder, leases]) => {
        const isDone = await tryOnce(leases, holder);
        if (isDone && owed.get(holder) === leases) owed.delete(holder);
      }),
    );
    isWaiting = false;
    if (owed.size > 0) retryLater();
  }

  function tryOnce(leases: readonly string[], holder: string): Promise<boolean> {
    return store.release(leases, holder).then(
      () => true,
      () => false,
    );
  }

  return async (leases, holder) => {
    if (leases.length === 0 || (await tryOnce(leases, holder))) return;
    const [oldest] = owed.keys();
    if (owed.size >= MOST_OWED && oldest !== undefined) owed.delete(oldest);
    owed.set(holder, leases);
    retryLater();
  };
}
