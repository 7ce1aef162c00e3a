import { setTimeout as sleep } from "node:timers/promises";
import type { Closable, Log } from "@mcp-governance-bridge/shared";
import type { Retention } from "@mcp-governance-bridge/shared/configuration";
import type { Collection, RecordStore } from "./record-store.ts";

interface ExpiryOptions {
  store: Pick<RecordStore, "retain">;
  /** Done before anything can go that went by the settings before. */
  announce(): Promise<void>;
  log: Log;
  retryMs?: number;
}

/** Has the store forget documents as the configuration says, however late it can be reached. */
export function createExpiry({
  store,
  announce,
  log,
  retryMs = 5_000,
}: ExpiryOptions): Closable & { set(days: Retention): void } {
  let trying = new AbortController();

  const keepTrying = async (days: Retention, signal: AbortSignal): Promise<void> => {
    while (!signal.aborted) {
      try {
        await announce();
        if (!signal.aborted) await store.retain(daysByCollection(days));
        return;
      } catch (error) {
        log.warn({ reason: String(error) }, "retention could not be set; trying again");
        await sleep(retryMs, undefined, { signal, ref: false }).catch(() => undefined);
      }
    }
  };

  return {
    set(days) {
      trying.abort();
      trying = new AbortController();
      void keepTrying(days, trying.signal);
    },
    async close() {
      trying.abort();
    },
  };
}

/** Payloads go with a job, and the contents of exports and reports with these. */
function daysByCollection({ payloads: _payloads, ...days }: Retention): Partial<Record<Collection, number>> {
  const named = Object.entries({ ...days, artifact_chunks: days.artifacts });
  return Object.fromEntries(named.filter(([, value]) => value !== undefined));
}
