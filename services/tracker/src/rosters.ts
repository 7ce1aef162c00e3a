import type { Collection, Document, RecordStore, Write } from "./record-store.ts";

type Store = Pick<RecordStore, "apply" | "aggregate">;

interface RosterOptions {
  collection: Collection;
  /** Whose members they are; without it, the collection's. */
  server?: string;
  at: Date;
  /** Ids of all that there is; what else the collection holds is gone. */
  members: readonly string[];
}

/** Says what a collection should hold. Kept, so that an older fact that arrives later cannot bring back what is gone. */
export function rosterWrite({ collection, server, at, members }: RosterOptions): Write {
  return {
    collection: "rosters",
    id: server === undefined ? collection : `${collection}/${server}`,
    set: { collection, server_name: server ?? null, members, updated_at: at },
    since: { field: "updated_at", at },
  };
}

/**
 * Marks what the newest rosters do not name as inactive. To be called after the writes of the members are kept:
 * whichever of two trackers comes last then sees both the members and the newest roster.
 */
export async function retireAbsent(store: Store, writes: readonly Write[]): Promise<void> {
  const ids = writes.filter((write) => write.collection === "rosters").map((write) => write.id);
  if (ids.length === 0) return;
  const rosters = await store.aggregate("rosters", [{ $match: { _id: { $in: ids } } }]);
  const retired = await Promise.all(rosters.map((roster) => absentees(store, roster)));
  await store.apply(retired.flat());
}

async function absentees(store: Store, roster: Document): Promise<Write[]> {
  const collection = roster.collection as Collection;
  const at = roster.updated_at as Date;
  const owner = roster.server_name === null ? {} : { server_name: roster.server_name };
  const absent = await store.aggregate(collection, [
    { $match: { is_active: true, updated_at: { $lt: at }, _id: { $nin: roster.members }, ...owner } },
    { $project: { _id: 1 } },
  ]);
  return absent.map((document) => ({
    collection,
    id: String(document._id),
    set: { is_active: false, updated_at: at },
    since: { field: "updated_at", at },
  }));
}
