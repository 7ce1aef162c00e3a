import { type Batch, silentLog } from "@mcp-governance-bridge/shared";
import { Registry } from "prom-client";
import type { RecordStore } from "../src/record-store.ts";
import { createTracker } from "../src/tracker.ts";

/** The handler that a tracker gives to its bus. */
export async function aTracker(store: RecordStore): Promise<(batch: Batch) => Promise<void>> {
  let handler: ((batch: Batch) => Promise<void>) | undefined;
  const bus = {
    consume: async (_durable: string, handle: (batch: Batch) => Promise<void>) => {
      handler = handle;
      return { close: async () => undefined };
    },
  };
  await createTracker({ bus, store, log: silentLog, registry: new Registry() });
  return async (batch) => handler?.(batch);
}
