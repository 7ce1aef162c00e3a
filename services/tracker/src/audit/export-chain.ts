import type { Collection, Document, RecordStore } from "../record-store.ts";

type Store = Pick<RecordStore, "aggregate">;

export interface ChainRange {
  from: Date;
  /** Exclusive. */
  to: Date;
  collections: readonly Collection[];
}

export type Evidence = { block: Document } | { checkpoint: Document };

const PAGE = 50;

/**
 * What proves the records of a range: of each chain all blocks from the first to the last one that names a record of it,
 * on to the first checkpoint that signs for these, and that checkpoint.
 */
export async function* chainOf(store: Store, { from, to }: ChainRange): AsyncGenerator<Evidence> {
  for (const { partition, first, last } of await stretches(store, from, to)) {
    const [checkpoint] = await store.aggregate("audit_checkpoints", [
      { $match: { partition, seq: { $gte: last } } },
      { $sort: { seq: 1, timestamp: 1 } },
      { $limit: 1 },
    ]);
    const end = checkpoint ? Number(checkpoint.seq) : last;
    for (let seq = first; seq <= end; seq += PAGE) {
      const blocks = await store.aggregate("audit_blocks", [
        { $match: { partition, seq: { $gte: seq, $lte: Math.min(end, seq + PAGE - 1) } } },
        { $sort: { seq: 1 } },
      ]);
      for (const block of blocks) yield { block };
    }
    if (checkpoint) yield { checkpoint };
  }
}

interface Stretch {
  partition: string;
  first: number;
  last: number;
}

async function stretches(store: Store, from: Date, to: Date): Promise<Stretch[]> {
  const found = await store.aggregate("audit_blocks", [
    { $match: { last_at: { $gte: from }, first_at: { $lt: to } } },
    { $group: { _id: "$partition", first: { $min: "$seq" }, last: { $max: "$seq" } } },
    { $sort: { _id: 1 } },
  ]);
  return found.map(({ _id, first, last }) => ({ partition: String(_id), first: Number(first), last: Number(last) }));
}
