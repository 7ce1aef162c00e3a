import type { Document } from "../record-store.ts";
import { conditionsOf, type Range } from "./conditions.ts";

const FIRST_MS = 3_600_000;
/** Where nothing is found. */
const GROWTH = 8;
const MAX_GROWTH = 64;
/** So many times what is asked for is looked for, and so many times is not worth a smaller window. */
const AIM = 2;
const AMPLE = 4;
/** By which windows that are much too wide are told apart. */
const COUNTED = 2_000;
const MIN_STEP = 1 / 32;
/** What is as rare as that is read as a whole. */
const LONG_MS = 200 * 86_400_000;
const MAX_PROBES = 16;

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
  const enough = await grow(page, count);
  return enough && shrink(page, { ...enough, count });
}

/** A window, and how many documents there are outside of the one that was too small and inside of this one. */
interface Tried {
  tooSmall: number;
  width: number;
  found: number;
}

/** As if what is found were spread evenly. */
async function grow(page: Page, count: Count): Promise<Tried | undefined> {
  let tooSmall = 0;
  let width = FIRST_MS;
  while (width < spanOf(page)) {
    const found = await countIn(page, width, count);
    if (found >= page.limit) return { tooSmall, width, found };
    tooSmall = width;
    width *= found === 0 ? GROWTH : Math.min(MAX_GROWTH, Math.max(AIM, (AIM * page.limit) / found));
    if (found > 0 && width > LONG_MS) return undefined;
  }
  return undefined;
}

/** There may be nothing for long at the near end: each miss makes for a bolder step. */
async function shrink(page: Page, { count, ...tried }: Tried & { count: Count }): Promise<number> {
  let { tooSmall, width, found } = tried;
  let boldness = 1;
  for (let probes = 0; probes < MAX_PROBES && found > page.limit * AMPLE; probes += 1) {
    const step = Math.min(1 / 2, boldness * Math.max(MIN_STEP, (AIM * page.limit) / found));
    const smaller = tooSmall + (width - tooSmall) * step;
    const fewer = await countIn(page, smaller, count);
    if (fewer < page.limit) {
      tooSmall = smaller;
      boldness *= 2;
    } else {
      [width, found] = [smaller, fewer];
      boldness = 1;
    }
  }
  return width;
}

function countIn(page: Page, width: number, count: Count): Promise<number> {
  return count([
    ...page.matches.map(($match) => ({ $match })),
    { $match: windowOf(page, width) },
    { $limit: Math.max(COUNTED, page.limit * AMPLE + 1) },
    { $count: "n" },
  ]);
}

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
