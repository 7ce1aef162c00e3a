import { canonicalJson, digestOf, GovernanceError } from "@mcp-governance-bridge/shared";
import { z } from "zod";
import type { Collection, Document, RecordStore } from "../record-store.ts";
import { limit } from "./parameters.ts";
import { renderDocument } from "./render.ts";

/** Parameters of every list that is read a page at a time. */
export const paging = {
  limit,
  cursor: z.string().max(1_000).optional().describe("What `next` of the page before said"),
};

interface PageOptions {
  collection: Collection;
  match: Document;
  limit: number;
  cursor?: string | undefined;
  /** Stages after the page is chosen, such as `$project`. `timestamp` and `_id` must be left. */
  stages?: readonly Document[];
  /** What was asked for besides: a cursor is good for pages of the same question alone. */
  filters?: object;
}

type Source = Pick<RecordStore, "aggregate">;

/** One page of a collection, newest first, and where the next one begins: undefined after the last. */
export async function readPage(
  store: Source,
  { collection, match, limit, cursor, stages = [], filters = {} }: PageOptions,
): Promise<{ documents: Document[]; next: string | undefined }> {
  const question = digestOfQuestion(collection, filters);
  const documents = await store.aggregate(collection, [
    { $match: cursor === undefined ? match : { $and: [match, olderThan(cursor, question)] } },
    { $sort: { timestamp: -1, _id: -1 } },
    { $limit: limit },
    ...stages,
  ]);
  const last = documents.length === limit ? documents.at(-1) : undefined;
  return { documents, next: last && cursorOf(last, question) };
}

/** Documents may have many megabytes each: no more of them are in memory at once. */
const BATCH = 32;
const MAX_PAGE_CHARS = 16_777_216;

/** The same as JSON text. A page that grows past 16 MiB ends there, and `next` says how it goes on. */
export async function renderPage(
  store: Source,
  { limit, cursor, ...options }: PageOptions,
): Promise<{ json: string; next: string | undefined }> {
  const texts: string[] = [];
  let chars = 0;
  let next = cursor;
  do {
    const page = await readPage(store, { ...options, cursor: next, limit: Math.min(BATCH, limit - texts.length) });
    for (const document of page.documents) chars += texts[texts.push(renderDocument(document)) - 1]?.length ?? 0;
    next = page.next;
  } while (next !== undefined && texts.length < limit && chars < MAX_PAGE_CHARS);
  return { json: `[${texts.join(",")}]`, next };
}

/** Dates become text first: canonical JSON is about data. */
function digestOfQuestion(collection: Collection, filters: object): string {
  return digestOf(canonicalJson(JSON.parse(JSON.stringify([collection, filters])))).slice(0, 16);
}

function cursorOf({ timestamp, _id }: Document, question: string): string {
  return Buffer.from(JSON.stringify([(timestamp as Date).getTime(), _id, question])).toString("base64url");
}

const MAX_DATE_MS = 8.64e15;
const Position = z.tuple([z.int().min(0).max(MAX_DATE_MS), z.string(), z.string()]);

/** Throws `request.invalid` for what is no cursor of ours, or one of another question. */
function olderThan(cursor: string, question: string): Document {
  const [time, id, asked] = positionOf(cursor);
  if (asked !== question) throw new GovernanceError("request.invalid", "cursor: belongs to another question");
  const timestamp = new Date(time);
  return { timestamp: { $lte: timestamp }, $or: [{ timestamp: { $lt: timestamp } }, { _id: { $lt: id } }] };
}

function positionOf(cursor: string): z.infer<typeof Position> {
  try {
    return Position.parse(JSON.parse(Buffer.from(cursor, "base64url").toString()));
  } catch (cause) {
    throw new GovernanceError("request.invalid", "cursor: is none that this API gave", { cause });
  }
}
