import { setImmediate as turn } from "node:timers/promises";
import { blockId } from "../audit/chain.ts";
import type { Head } from "../audit/evidence.ts";
import { scan } from "../audit/scan.ts";
import { blockOf, flawOf } from "../audit/verify/block-of.ts";
import type { Collection, Document, RecordStore } from "../record-store.ts";

type Store = Pick<RecordStore, "aggregate" | "remove">;

const MAX_BLOCKS = 20_000;
const AT_ONCE = 200;
const LINK = { partition: 1, seq: 1, hash: 1, last_at: 1, timestamp: 1 };

/** Of each chain the beginning that may go: blocks written before a time, all of whose facts are from before it too. */
export interface OldChains {
  /** The last block of each. */
  heads: Head[];
  blocks: string[];
  /** Chains that were changed, of which nothing may go. */
  doubtful: string[];
}

/** The beginning of one chain. */
interface Beginning {
  head: Head;
  blocks: string[];
}

/** As much as one run removes. */
export async function findOldChains(store: Pick<RecordStore, "aggregate">, before: Date): Promise<OldChains> {
  const old: OldChains = { heads: [], blocks: [], doubtful: [] };
  for (const [partition, { head, blocks }] of await beginnings(store, before)) {
    if (await isOldHead(store, head, before)) {
      old.heads.push(head);
      for (const block of blocks) old.blocks.push(block);
    } else old.doubtful.push(partition);
  }
  return old;
}

async function beginnings(store: Pick<RecordStore, "aggregate">, before: Date): Promise<Map<string, Beginning>> {
  const found = new Map<string, Beginning>();
  const kept = new Set<string>();
  let count = 0;
  for await (const page of scan(store, "audit_blocks", { to: before, project: LINK, atOnce: AT_ONCE })) {
    for (const { partition, last_at: last } of page) if ((last as Date) >= before) kept.add(String(partition));
    for (const head of page.map(headOf).filter(({ partition }) => !kept.has(partition))) extend(found, head);
    count += page.length;
    if (count >= MAX_BLOCKS) break;
    await turn();
  }
  return found;
}

function extend(found: Map<string, Beginning>, head: Head): void {
  const { partition, seq } = head;
  const beginning = found.get(partition) ?? { head, blocks: [] };
  beginning.blocks.push(blockId(partition, seq));
  // Blocks of one moment may come in any order.
  if (seq > beginning.head.seq) beginning.head = head;
  found.set(partition, beginning);
}

/**
 * Whoever changed a block could have a tombstone signed that excuses what is not old. Times of a chain never go back, so
 * that the last one speaks for all before it, and the block after it for its hash.
 */
async function isOldHead(store: Pick<RecordStore, "aggregate">, head: Head, before: Date): Promise<boolean> {
  const [id, next] = [blockId(head.partition, head.seq), blockId(head.partition, head.seq + 1)];
  const found = await store.aggregate("audit_blocks", [{ $match: { _id: { $in: [id, next] } } }]);
  const document = found.find(({ _id }) => _id === id) ?? {};
  const block = blockOf(document);
  if (!block || flawOf(block, document) !== undefined || block.timestamp >= before) return false;
  return found.every(({ _id, prev }) => _id !== next || prev === block.hash);
}

function headOf({ partition, seq, hash }: Document): Head {
  return { partition: String(partition), seq: Number(seq), hash: String(hash) };
}

/** Before which times what may go. */
export interface ChainLimits {
  blocks: Date;
  /** Later, so that no checkpoint speaks of a chain any longer when the tombstone goes that says where it is. */
  checkpoints: Date;
}

/** Removes them and the checkpoints and tombstones that speak of nothing else. To be called when a tombstone says so. */
export async function removeOldChains(store: Store, old: OldChains, before: ChainLimits): Promise<void> {
  for (let start = 0; start < old.blocks.length; start += AT_ONCE)
    await store.remove("audit_blocks", old.blocks.slice(start, start + AT_ONCE));
  // What a chain hangs on is told by its first checkpoint.
  await removeBefore(store, "audit_checkpoints", {
    before: before.checkpoints,
    async choose(page) {
      const begun = await beginningsOf(store, [...new Set(page.map(({ partition }) => String(partition)))]);
      return page.filter(({ partition }) => !begun.has(String(partition)));
    },
  });
  await removeBefore(store, "retention_runs", { before: before.blocks, choose: async (page) => page });
}

/** Those of the chains that have their first block. */
async function beginningsOf(store: Store, partitions: readonly string[]): Promise<Set<string>> {
  const ids = partitions.map((partition) => blockId(partition, 1));
  const blocks = await store.aggregate("audit_blocks", [
    { $match: { _id: { $in: ids } } },
    { $project: { partition: 1 } },
  ]);
  return new Set(blocks.map(({ partition }) => String(partition)));
}

interface Removal {
  before: Date;
  choose(page: readonly Document[]): Promise<readonly Document[]>;
}

async function removeBefore(store: Store, collection: Collection, { before, choose }: Removal): Promise<void> {
  const project = { timestamp: 1, partition: 1 };
  for await (const page of scan(store, collection, { to: before, project, atOnce: AT_ONCE })) {
    const ids = (await choose(page)).map(({ _id }) => String(_id));
    if (ids.length > 0) await store.remove(collection, ids);
    await turn();
  }
}
