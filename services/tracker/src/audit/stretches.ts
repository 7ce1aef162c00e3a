import { setImmediate as turn } from "node:timers/promises";
import type { Document, RecordStore } from "../record-store.ts";
import type { RetentionRun } from "../retention/retention-run.ts";
import type { Block } from "./evidence.ts";
import { scan } from "./scan.ts";

type Store = Pick<RecordStore, "aggregate">;

/** Blocks of a chain one after the other, by their `seq`. */
export interface Stretch {
  partition: string;
  first: number;
  last: number;
}

interface Range {
  from: Date;
  to: Date;
}

const PLACE = { partition: 1, seq: 1, timestamp: 1, first_at: 1 };
const AT_ONCE = 200;

/** Of each chain with a block in the range the one before it, and all up to the last that tells of the range or the first after it. */
export async function stretchesOf(store: Store, { from, to }: Range): Promise<Stretch[]> {
  const stretches = new Map<string, Stretch & { isPast: boolean }>();
  for await (const page of scan(store, "audit_blocks", { from, project: PLACE, atOnce: AT_ONCE })) {
    for (const document of page) {
      const { partition, seq, timestamp, first_at: first } = document as unknown as Block;
      const stretch = stretches.get(partition);
      const isPast = timestamp >= to;
      if (!stretch) stretches.set(partition, { partition, first: Math.max(1, seq - 1), last: seq, isPast });
      else if (!stretch.isPast || first < to) Object.assign(stretch, { last: seq, isPast });
    }
    await turn();
  }
  return [...stretches.values()].map(({ partition, first, last }) => ({ partition, first, last }));
}

/** The tombstones that go furthest, and the blocks that tell of them. */
export async function tombstoneStretches(store: Store): Promise<{ documents: Document[]; stretches: Stretch[] }> {
  const documents = await furthestTombstones(store);
  const stretches: Stretch[] = [];
  for (const { _id: id, timestamp } of documents) {
    const stretch = await stretchOf(store, String(id), timestamp as Date);
    if (stretch) stretches.push(stretch);
  }
  return { documents, stretches };
}

async function furthestTombstones(store: Store): Promise<Document[]> {
  const furthest = new Map<string, { before: number; document: Document }>();
  const offer = (about: string, before: Date, document: Document): void => {
    if ((furthest.get(about)?.before ?? Number.NEGATIVE_INFINITY) < before.getTime())
      furthest.set(about, { before: before.getTime(), document });
  };
  for await (const page of scan(store, "retention_runs")) {
    for (const document of page) {
      const { expired, payloads_before: payloads } = document as RetentionRun;
      for (const { collection, before } of expired) offer(collection, before, document);
      if (payloads) offer("payloads", payloads, document);
    }
    await turn();
  }
  return [...new Set([...furthest.values()].map(({ document }) => document))];
}

/** A tombstone is written with the block that tells of it. */
async function stretchOf(store: Store, id: string, timestamp: Date): Promise<Stretch | undefined> {
  const until = new Date(timestamp.getTime() + 3_600_000);
  for await (const page of scan(store, "audit_blocks", { from: timestamp, to: until, atOnce: AT_ONCE })) {
    for (const document of page) {
      const { partition, seq, leaves } = document as unknown as Block;
      if (leaves.some(([collection, , leaf]) => collection === "retention_runs" && leaf === id))
        return { partition, first: seq, last: seq };
    }
    await turn();
  }
  return undefined;
}
