import type { Published } from "@mcp-governance-bridge/shared";
import type { RecordStore, Write } from "@mcp-governance-bridge/tracker";
import { type Traffic, trafficOf } from "./traffic.ts";

/** What facts mean for the record, one write for each document. */
export type ToWrites = (events: readonly Published[]) => readonly Write[];

interface SeedOptions {
  store: Pick<RecordStore, "apply">;
  traffic: Traffic;
  toWrites: ToWrites;
}

const CALLS_PER_BATCH = 1_000;
/** While one batch is written, the next one is made. */
const BATCHES_UNDER_WAY = 2;

/** Resolves with the seconds it took once all traffic is on record. */
export async function seed({ store, traffic, toWrites }: SeedOptions): Promise<number> {
  const started = performance.now();
  const underWay: Promise<void>[] = [];
  let batch: Published[] = [];
  const flush = async (): Promise<void> => {
    underWay.push(store.apply(toWrites(batch)));
    batch = [];
    if (underWay.length === BATCHES_UNDER_WAY) await underWay.shift();
  };
  let calls = 0;
  for (const facts of trafficOf(traffic)) {
    batch.push(...facts);
    calls += 1;
    if (calls % CALLS_PER_BATCH === 0) await flush();
  }
  await flush();
  await Promise.all(underWay);
  return (performance.now() - started) / 1_000;
}
