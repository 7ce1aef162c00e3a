import { setTimeout as delay } from "node:timers/promises";
import { check, lock } from "proper-lockfile";
import type { Closable } from "../../../lifecycle.ts";
import type { Log } from "../../../log.ts";

const RETRY_MS = 1_000;

/**
 * Says of a path that this process lives, for as long as it does, by a folder `<path>.lock` whose time of change is
 * renewed: process ids mean nothing across containers. A lease that was lost is taken again.
 */
export async function holdLease(path: string, { leaseMs, log }: { leaseMs: number; log: Log }): Promise<Closable> {
  let closed = false;
  let release = await take();

  function take(): Promise<() => Promise<void>> {
    return lock(path, {
      realpath: false,
      stale: leaseMs,
      update: leaseMs / 3,
      onCompromised: (error) => void again(error),
    });
  }

  async function again(cause: Error): Promise<void> {
    log.warn({ err: cause, path }, "the lease of the spool was lost and is taken again");
    while (!closed) {
      try {
        release = await take();
        if (closed) await release();
        return;
      } catch {
        await delay(RETRY_MS, undefined, { ref: false });
      }
    }
  }

  return {
    async close() {
      if (closed) return;
      closed = true;
      await release().catch(() => undefined);
    },
  };
}

/** Whether a process that lives holds the lease. */
export function isHeld(path: string, leaseMs: number): Promise<boolean> {
  return check(path, { realpath: false, stale: leaseMs });
}
