import { toJsonText } from "../../payload.ts";
import type { Collection, Document, RecordStore } from "../../record-store.ts";
import { toldOf } from "../fact-digest.ts";
import { scan } from "../scan.ts";
import type { EvidenceSource, Held } from "./source.ts";

type Store = Pick<RecordStore, "aggregate">;

const BLOCKS_AT_ONCE = 32;
const FOUND_AT_ONCE = 64;

/** No place in the order of times. */
const UNTIMED = [{ $match: { $nor: [{ timestamp: { $gte: new Date(0) } }] } }];

/** The whole record in a store. */
export function storeSource(store: Store, { isLive = true } = {}): EvidenceSource {
  return {
    isLive,
    checkpoints: () => all(store, "audit_checkpoints"),
    async *blocks(from) {
      for await (const page of scan(store, "audit_blocks", { from, atOnce: BLOCKS_AT_ONCE })) yield* page;
      if (!from) yield* await store.aggregate("audit_blocks", UNTIMED);
    },
    async *documents(collection) {
      for await (const document of all(store, collection)) yield heldOf(document);
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

async function* all(store: Store, collection: Collection): AsyncGenerator<Document, void, undefined> {
  for await (const page of scan(store, collection)) yield* page;
  yield* await store.aggregate(collection, UNTIMED);
}

function heldOf({ _id: id, ...document }: Document): Held {
  return { id: String(id), document, told: toldOf(document), payload: (name) => toJsonText(document[name]) };
}
