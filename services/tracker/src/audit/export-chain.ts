import { setImmediate as turn } from "node:timers/promises";
import type { Collection, Document, RecordStore } from "../record-store.ts";
import { checkpointOf } from "./checkpoint-of.ts";
import { scan } from "./scan.ts";
import { type Stretch, stretchesOf, tombstoneStretches } from "./stretches.ts";

type Store = Pick<RecordStore, "aggregate">;

export interface ChainRange {
  from: Date;
  /** Exclusive. */
  to: Date;
  collections: readonly Collection[];
}

/** A checkpoint may also be a tombstone that says why something of the range is gone. */
export type Evidence = { block: Document } | { checkpoint: Document };

const AT_ONCE = 50;

/**
 * What proves the records of a range: of each chain the last block before it, those in it, and those after it up to the
 * last one that tells of the range and to a checkpoint that signs for all; the checkpoint; for chains that checkpoints
 * cite and that have no block in the range one block beside it.
 */
export async function* chainOf(store: Store, { from, to }: ChainRange): AsyncGenerator<Evidence, void, undefined> {
  const tombstones = await tombstoneStretches(store);
  const sealed: Sealed[] = [];
  for (const stretch of [...(await stretchesOf(store, { from, to })), ...tombstones.stretches])
    sealed.push(await sealedStretch(store, stretch));
  for (const stretch of joined(sealed)) yield* blocksOf(store, stretch);

  const checkpoints = new Map(sealed.flatMap((stretch) => stretch.checkpoints).map((each) => [String(each._id), each]));
  const included = new Set(sealed.map(({ partition }) => partition));
  for (const partition of citedBy(checkpoints.values())) {
    if (!included.has(partition)) yield* blockBeside(store, partition, from);
    included.add(partition);
  }
  for (const checkpoint of [...checkpoints.values(), ...tombstones.documents]) yield { checkpoint };
}

/** In order, and no block twice. */
function joined(stretches: readonly Stretch[]): Stretch[] {
  const result: Stretch[] = [];
  const inOrder = [...stretches].sort((a, b) => a.partition.localeCompare(b.partition) || a.first - b.first);
  for (const { partition, first, last } of inOrder) {
    const before = result.at(-1);
    if (before?.partition === partition && first <= before.last + 1) before.last = Math.max(before.last, last);
    else result.push({ partition, first, last });
  }
  return result;
}

async function* blocksOf(store: Store, { partition, first, last }: Stretch): AsyncGenerator<Evidence, void, undefined> {
  for (let seq = first; seq <= last; seq += AT_ONCE) {
    const until = Math.min(last, seq + AT_ONCE - 1);
    const blocks = await store.aggregate("audit_blocks", [
      { $match: { partition, seq: { $gte: seq, $lte: until } } },
      { $sort: { seq: 1 } },
    ]);
    for (const block of blocks) yield { block };
    await turn();
  }
}

interface Sealed extends Stretch {
  checkpoints: Document[];
}

const BY_SEQ = { $sort: { seq: 1 } };
const LAST = [{ $sort: { seq: -1 } }, { $limit: 1 }];

/**
 * Up to a checkpoint at its end or soon after it; where the chain has none, with one of another chain that saw it. With
 * the first one too, where the chain begins.
 */
async function sealedStretch(store: Store, stretch: Stretch): Promise<Sealed> {
  const { partition, first, last } = stretch;
  const find = (match: Document, ...rest: readonly Document[]): Promise<Document[]> =>
    store.aggregate("audit_checkpoints", [{ $match: { partition, ...match } }, ...rest]);
  const roots = first > 1 ? [] : await find({}, BY_SEQ, { $limit: 1 });
  const [own] = await find({ seq: { $gte: last } }, BY_SEQ, { $limit: 1 });
  if (own) return { ...stretch, last: Number(own.seq), checkpoints: [...roots, own] };
  const newest = await find({}, ...LAST);
  const witness = await witnessOf(store, { partition, last, since: newest[0]?.timestamp as Date | undefined });
  return { ...stretch, checkpoints: [...roots, ...newest, ...(witness ? [witness] : [])] };
}

interface Tail {
  partition: string;
  last: number;
  since: Date | undefined;
}

async function witnessOf(store: Store, { partition, last, since }: Tail): Promise<Document | undefined> {
  for await (const page of scan(store, "audit_checkpoints", { from: since })) {
    const witness = page.find((document) =>
      checkpointOf(document)?.witnessed.some((head) => head.partition === partition && head.seq >= last),
    );
    if (witness) return witness;
    await turn();
  }
  return undefined;
}

function citedBy(checkpoints: Iterable<Document>): string[] {
  return [...checkpoints].flatMap((document) => {
    const checkpoint = checkpointOf(document);
    return checkpoint ? [checkpoint, ...checkpoint.witnessed].map(({ partition }) => partition) : [];
  });
}

/** The last block before the range, or the first one of a chain that began after it. */
async function* blockBeside(store: Store, partition: string, from: Date): AsyncGenerator<Evidence, void, undefined> {
  for (const order of [-1, 1]) {
    const before = order === -1 && { timestamp: { $lt: from } };
    const [block] = await store.aggregate("audit_blocks", [
      { $match: { partition, ...before } },
      { $sort: { seq: order } },
      { $limit: 1 },
    ]);
    if (!block) continue;
    yield { block };
    return;
  }
}
