import type { Log } from "../../log.ts";

/** Runs `ensure` unless it is running; resolves with whether it succeeded now. Speaks once when it begins to fail and once when that ends. */
export function createRepair({ ensure, log }: { ensure: () => Promise<void>; log: Log }): () => Promise<boolean> {
  let running = false;
  let failing = false;

  return async function repair() {
    if (running) return false;
    running = true;
    try {
      await ensure();
      if (failing) log.info("recovered");
      failing = false;
      return true;
    } catch (error) {
      if (!failing) log.warn({ err: error }, "cannot recover yet, trying again");
      failing = true;
      return false;
    } finally {
      running = false;
    }
  };
}
