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

/** Removes them and the checkpoints and tombstones that speak of nothing else. To be called when a tombstone says so. */
export async function removeOldChains(store: Store, old: OldChains, before: Date): Promise<void> {
  for (let start = 0; start < old.blocks.length; start += AT_ONCE)
    await store.remove("audit_blocks", old.blocks.slice(start, start + AT_ONCE));
  const removed = new Map(old.heads.map(({ partition, seq }) => [partition, seq]));
  const isOld = (partition: string, seq: number): boolean => seq <= (removed.get(partition) ?? 0);
  await removeBefore(store, "audit_checkpoints", {
    before,
    isToGo: ({ partition, seq }) => isOld(String(partition), Number(seq)),
  });
  await removeBefore(store, "retention_runs", { before, isToGo: () => true });
}

interface Removal {
  before: Date;
  isToGo(document: Document): boolean;
}

async function removeBefore(store: Store, collection: Collection, { before, isToGo }: Removal): Promise<void> {
  const project = { timestamp: 1, partition: 1, seq: 1 };
  for await (const page of scan(store, collection, { to: before, project, atOnce: AT_ONCE })) {
    const ids = page.filter(isToGo).map(({ _id }) => String(_id));
    if (ids.length > 0) await store.remove(collection, ids);
    await turn();
  }
}
