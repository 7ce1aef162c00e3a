import type { Collection, Document, RecordStore } from "../record-store.ts";

interface ScanOptions {
  from?: Date | undefined;
  /** Exclusive. */
  to?: Date | undefined;
  /** What is left of each document; `timestamp` and `_id` must be. */
  project?: Document;
  atOnce?: number;
}

const MANY = 256;
/** Documents of a page may have megabytes each: a page that has more than this makes the next one smaller. */
const PAGE_CHARS = 8_388_608;

/** How far a scan has come: the time of the last document, and the ids of those with the same time that were read. */
interface Position {
  since: Date;
  seen: readonly unknown[];
}

/** Documents by their times, oldest first, in pages that are not empty. Whatever stands in `_id` hides none. */
export async function* scan(
  store: Pick<RecordStore, "aggregate">,
  collection: Collection,
  { from = new Date(0), to, project, atOnce = MANY }: ScanOptions = {},
): AsyncGenerator<Document[], void, undefined> {
  const rest = project ? [{ $project: project }] : [];
  let position: Position | undefined = { since: from, seen: [] };
  let limit = atOnce;
  while (position) {
    const match = matchOf(position, to);
    const page = await store.aggregate(collection, [match, { $sort: { timestamp: 1 } }, { $limit: limit }, ...rest]);
    if (page.length > 0) yield page;
    position = page.length < limit ? undefined : after(position, page);
    limit = nextLimit(page, { limit, atOnce });
  }
}

function matchOf({ since, seen }: Position, to: Date | undefined): Document {
  const timestamp = { $gte: since, ...(to && { $lt: to }) };
  return { $match: { timestamp, ...(seen.length > 0 && { _id: { $nin: seen } }) } };
}

function after({ since, seen }: Position, page: readonly Document[]): Position | undefined {
  const last = page.at(-1)?.timestamp;
  if (!(last instanceof Date)) return undefined;
  const atLast = page.filter(({ timestamp }) => Number(timestamp) === Number(last)).map(({ _id }) => _id);
  return { since: last, seen: Number(last) === Number(since) ? [...seen, ...atLast] : atLast };
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
