import type { Document, RecordStore } from "../record-store.ts";
import { blockId } from "./chain.ts";
import type { Head } from "./evidence.ts";

type Source = Pick<RecordStore, "aggregate">;

/** Blocks that a chain may have grown by that are asked for at once: by their ids, which any store finds. */
const STEP = 64;
/** Chains that are looked after: those that were signed last. */
const MAX_CHAINS = 32;
/** A look goes back so many checkpoints. */
const LOOK_BACK = 500;
/** Clocks of replicas differ: a chain that begins may have an earlier time than what was seen. */
const CLOCK_SKEW_MS = 120_000;

const RECENT = [{ $sort: { timestamp: -1, _id: -1 } }, { $limit: LOOK_BACK }];
const STANDING = { $project: { partition: 1, seq: 1, hash: 1, timestamp: 1 } };

/** What one tracker sees of the chains of others. */
export interface Witnesses {
  /** Where they stand at this moment, by the newest block of each. `own` is left out. */
  look(own: string): Promise<Head[]>;
}

export function createWitnesses(store: Source): Witnesses {
  const heads = new Map<string, Head>();
  let seenUntil = new Date(0);
  return {
    async look(own) {
      const newer = { $match: { timestamp: { $gte: new Date(seenUntil.getTime() - CLOCK_SKEW_MS) } } };
      const checkpoints = await store.aggregate("audit_checkpoints", [newer, ...RECENT, STANDING]);
      seenUntil = (checkpoints[0]?.timestamp as Date | undefined) ?? seenUntil;
      // Chains show themselves by their checkpoints; those that were signed last are to be last.
      for (const head of checkpoints.reverse().map(headOf)) if (head.partition !== own) renew(heads, head);
      forgetOldest(heads);
      for (let asked = [...heads.values()]; asked.length > 0; ) asked = await advance(store, heads, asked);
      return [...heads.values()].sort((a, b) => (a.partition < b.partition ? -1 : 1));
    },
  };
}

function renew(heads: Map<string, Head>, head: Head): void {
  const known = heads.get(head.partition);
  heads.delete(head.partition);
  heads.set(head.partition, known && known.seq >= head.seq ? known : head);
}

function forgetOldest(heads: Map<string, Head>): void {
  for (const partition of heads.keys()) {
    if (heads.size <= MAX_CHAINS) return;
    heads.delete(partition);
  }
}

/** Answers those that have grown so far that they may have grown further. What retention has taken is spoken of no more. */
async function advance(store: Source, heads: Map<string, Head>, asked: readonly Head[]): Promise<Head[]> {
  const ids = asked.flatMap(({ partition, seq }) =>
    Array.from({ length: STEP + 1 }, (_, index) => blockId(partition, seq + index)),
  );
  const blocks = await store.aggregate("audit_blocks", [{ $match: { _id: { $in: ids } } }, STANDING]);
  const found = new Map<string, Head[]>();
  for (const head of blocks.map(headOf)) found.set(head.partition, [...(found.get(head.partition) ?? []), head]);
  for (const { partition } of asked) if (!found.has(partition)) heads.delete(partition);
  return [...found.values()].flatMap((group) => {
    const newest = group.reduce((a, b) => (b.seq > a.seq ? b : a));
    heads.set(newest.partition, newest);
    return group.length > STEP ? newest : [];
  });
}

function headOf({ partition, seq, hash }: Document): Head {
  return { partition: String(partition), seq: Number(seq), hash: String(hash) };
}
