import type { Document } from "../record-store.ts";
import { conditionsOf, type Range } from "./conditions.ts";

const HOUR_MS = 3_600_000;
const GROWTH = 8;
/** A window with so many times what is asked for is not worth making smaller. */
const AMPLE = 4;
const MAX_HALVINGS = 16;

interface Page {
  matches: readonly Document[];
  range: Range;
  direction: 1 | -1;
  limit: number;
}

/** Answers how many documents a pipeline counts, 0 where it answers nothing. */
type Count = (pipeline: readonly Document[]) => Promise<number>;

/**
 * For servers that sort all that matches where an index has it in order, as FerretDB does. The same page, with a bound of
 * `timestamp` that leaves not many more documents than the page has. Any other pipeline is answered as it is.
 */
export async function withinWindow(pipeline: readonly Document[], count: Count): Promise<readonly Document[]> {
  const page = pageOf(pipeline);
  const width = page && (await widthOf(page, count));
  return page && width !== undefined ? [{ $match: windowOf(page, width) }, ...pipeline] : pipeline;
}

function pageOf(pipeline: readonly Document[]): Page | undefined {
  const at = pipeline.findIndex((stage) => !Object.hasOwn(stage, "$match"));
  const direction = directionOf(pipeline[at]?.$sort);
  const limit = pipeline[at + 1]?.$limit;
  if (direction === undefined || typeof limit !== "number") return undefined;
  const matches = pipeline.slice(0, at).map(({ $match }) => $match as Document);
  const { values, ranges } = conditionsOf({ $and: matches });
  const range = ranges.get("timestamp") ?? {};
  // The oldest may be without a time, which no bound lets through.
  if (values.has("_id") || (direction === 1 && range.from === undefined)) return undefined;
  return { matches, range, direction, limit };
}

function directionOf(sort: unknown): 1 | -1 | undefined {
  const order = JSON.stringify(sort);
  if (order === '{"timestamp":-1,"_id":-1}' || order === '{"timestamp":-1}') return -1;
  return order === '{"timestamp":1,"_id":1}' || order === '{"timestamp":1}' ? 1 : undefined;
}

/** Undefined where a window would be as wide as all there is. */
async function widthOf(page: Page, count: Count): Promise<number | undefined> {
  const within = (width: number): Promise<number> =>
    count([...page.matches.map(($match) => ({ $match })), { $match: windowOf(page, width) }, ...countOf(page)]);
  let [tooSmall, width] = [0, HOUR_MS];
  let found = 0;
  while (found < page.limit) {
    if (width >= spanOf(page)) return undefined;
    found = await within(width);
    if (found < page.limit) [tooSmall, width] = [width, width * GROWTH];
  }
  for (let halvings = 0; found >= page.limit * AMPLE && halvings < MAX_HALVINGS; halvings += 1) {
    const middle = Math.floor((tooSmall + width) / 2);
    const fewer = await within(middle);
    if (fewer < page.limit) tooSmall = middle;
    else [width, found] = [middle, fewer];
  }
  return width;
}

const countOf = ({ limit }: Page): Document[] => [{ $limit: limit * AMPLE }, { $count: "n" }];

function nearEndOf({ range, direction }: Page): number {
  return (direction === -1 ? range.to : range.from) ?? Date.now();
}

/** Milliseconds that a page could be spread over. */
function spanOf(page: Page): number {
  const farEnd = page.direction === -1 ? (page.range.from ?? 0) : (page.range.to ?? Date.now());
  return Math.abs(farEnd - nearEndOf(page));
}

function windowOf(page: Page, width: number): Document {
  const near = nearEndOf(page);
  return { timestamp: page.direction === -1 ? { $gte: new Date(near - width) } : { $lte: new Date(near + width) } };
}
