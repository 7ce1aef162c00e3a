import { laterThan } from "../later-than.ts";
import type { Collection, Document, RecordStore } from "../record-store.ts";

interface PagesOptions {
  collection: Collection;
  /** Besides the time. */
  match?: Document;
  from: Date;
  /** Exclusive. */
  to: Date;
  size: number;
  /** Members that are needed besides `_id` and `timestamp`; all where it is missing. */
  members?: readonly string[];
}

/** Documents of a range of time, oldest first, page by page, so that neither memory nor the event loop is held for long. */
export async function* pagesOf(
  store: Pick<RecordStore, "aggregate">,
  { collection, match = {}, from, to, size, members }: PagesOptions,
): AsyncGenerator<Document[], void, undefined> {
  const project = members && [{ $project: Object.fromEntries([...members, "timestamp"].map((name) => [name, 1])) }];
  let after: Document | undefined;
  for (;;) {
    const page = await store.aggregate(collection, [
      { $match: { ...match, ...(after ? laterThan(after, { $lt: to }) : { timestamp: { $gte: from, $lt: to } }) } },
      { $sort: { timestamp: 1, _id: 1 } },
      { $limit: size },
      ...(project ?? []),
    ]);
    if (page.length > 0) yield page;
    if (page.length < size) return;
    after = page.at(-1);
    await new Promise(setImmediate);
  }
}
