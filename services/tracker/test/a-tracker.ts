import { type Batch, silentLog } from "@mcp-governance-bridge/shared";
import { Registry } from "prom-client";
import { coalesce } from "../src/coalesce.ts";
import type { RecordStore } from "../src/record-store.ts";
import type { Recorder } from "../src/recorder.ts";
import { createTracker } from "../src/tracker.ts";

/** Keeps what it is given, without a chain. */
export function aRecorder(store: Pick<RecordStore, "apply">): Recorder {
  return { record: (writes) => store.apply(coalesce(writes)) };
}

interface TrackerParts {
  registry?: Registry;
  recorder?: Recorder;
}

/** The handler that a tracker gives to its bus. */
export async function aTracker(
  store: Pick<RecordStore, "apply" | "aggregate">,
  { registry = new Registry(), recorder = aRecorder(store) }: TrackerParts = {},
): Promise<(batch: Batch) => Promise<void>> {
  let handler: ((batch: Batch) => Promise<void>) | undefined;
  const bus = {
    consume: async (_durable: string, handle: (batch: Batch) => Promise<void>) => {
      handler = handle;
      return { close: async () => undefined, backlog: async () => ({ waiting: 3, unit: "events" as const }) };
    },
  };
  await createTracker({ bus, store, recorder, log: silentLog, registry });
  return async (batch) => handler?.(batch);
}
