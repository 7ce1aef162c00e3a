import { toJsonText } from "../../payload.ts";
import type { Collection, Document, RecordStore } from "../../record-store.ts";
import { toldOf } from "../fact-digest.ts";
import type { EvidenceSource, Held } from "./source.ts";

type Store = Pick<RecordStore, "aggregate">;

const BLOCKS_AT_ONCE = 32;
const MANY = 256;
/** Documents of a page may have megabytes each: a page that has more than this makes the next one smaller. */
const PAGE_CHARS = 8_388_608;
const FOUND_AT_ONCE = 64;

/** The whole record in a store. */
export function storeSource(store: Store, { isLive = true } = {}): EvidenceSource {
  return {
    isLive,
    checkpoints: () => scan(store, "audit_checkpoints"),
    blocks: (from) => scan(store, "audit_blocks", { from, atOnce: BLOCKS_AT_ONCE }),
    async *documents(collection) {
      for await (const document of scan(store, collection)) yield heldOf(document);
    },
    async *find(collection, ids) {
      for (let start = 0; start < ids.length; start += FOUND_AT_ONCE) {
        const some = ids.slice(start, start + FOUND_AT_ONCE);
        const found = await store.aggregate(collection, [{ $match: { _id: { $in: some } } }]);
        yield* found.map(heldOf);
      }
    },
  };
}

export function heldOf({ _id: id, ...document }: Document): Held {
  return { id: String(id), document, told: toldOf(document), payload: (name) => toJsonText(document[name]) };
}

interface ScanOptions {
  from?: Date | undefined;
  atOnce?: number;
}

/** Every document, oldest first; those without a proper time at last. Whatever stands in `_id` or `timestamp` hides none. */
async function* scan(store: Store, collection: Collection, { from, atOnce = MANY }: ScanOptions = {}) {
  let since = from ?? new Date(0);
  let seen: unknown[] = [];
  let limit = atOnce;
  for (;;) {
    const page = await store.aggregate(collection, [
      { $match: { timestamp: { $gte: since }, ...(seen.length > 0 && { _id: { $nin: seen } }) } },
      { $sort: { timestamp: 1 } },
      { $limit: limit },
    ]);
    yield* page;
    const last = page.at(-1)?.timestamp;
    if (page.length < limit || !(last instanceof Date)) break;
    const atLast = page.filter(({ timestamp }) => Number(timestamp) === Number(last)).map(({ _id }) => _id);
    seen = Number(last) === Number(since) ? [...seen, ...atLast] : atLast;
    since = last;
    limit = nextLimit(page, { limit, atOnce });
  }
  if (!from) yield* await store.aggregate(collection, [{ $match: { $nor: [{ timestamp: { $gte: new Date(0) } }] } }]);
}

function nextLimit(page: readonly Document[], { limit, atOnce }: { limit: number; atOnce: number }): number {
  const chars = page.reduce(
    (sum, { input_size: input, output_size: output }) => sum + sizeOf(input) + sizeOf(output),
    0,
  );
  if (chars > PAGE_CHARS) return Math.max(1, Math.floor((limit * PAGE_CHARS) / chars));
  return Math.min(atOnce, limit * 2);
}

const sizeOf = (size: unknown): number => (typeof size === "number" ? size : 0);
