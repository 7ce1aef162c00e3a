import { GovernanceError } from "@mcp-governance-bridge/shared";
import { z } from "zod";
import type { Collection, Document, RecordStore } from "../record-store.ts";
import { numeric } from "./parameters.ts";

const MAX_LIMIT = 1_000;

/** Parameters of every list that is read a page at a time. */
export const paging = {
  limit: numeric
    .pipe(z.int("expected a whole number").min(1))
    .transform((limit) => Math.min(limit, MAX_LIMIT))
    .default(100)
    .describe("The most documents to answer; more than 1000 are never answered"),
  cursor: z.string().max(1_000).optional().describe("What `next` of the page before said"),
};

interface PageOptions {
  collection: Collection;
  match: Document;
  limit: number;
  cursor?: string | undefined;
  /** Stages after the page is chosen, such as `$project`. `timestamp` and `_id` must be left. */
  then?: readonly Document[];
}

/** One page of a collection, newest first, and where the next one begins: undefined after the last. */
export async function readPage(
  store: Pick<RecordStore, "aggregate">,
  { collection, match, limit, cursor, then = [] }: PageOptions,
): Promise<{ documents: Document[]; next: string | undefined }> {
  const documents = await store.aggregate(collection, [
    { $match: cursor === undefined ? match : { $and: [match, olderThan(cursor)] } },
    { $sort: { timestamp: -1, _id: -1 } },
    { $limit: limit },
    ...then,
  ]);
  const last = documents.length === limit ? documents.at(-1) : undefined;
  return { documents, next: last && cursorOf(last) };
}

function cursorOf({ timestamp, _id }: Document): string {
  return Buffer.from(JSON.stringify([(timestamp as Date).getTime(), _id])).toString("base64url");
}

const Position = z.tuple([z.int(), z.string()]);

/** Throws `request.invalid` for what is no cursor of ours. */
function olderThan(cursor: string): Document {
  try {
    const [time, id] = Position.parse(JSON.parse(Buffer.from(cursor, "base64url").toString()));
    const timestamp = new Date(time);
    return { timestamp: { $lte: timestamp }, $or: [{ timestamp: { $lt: timestamp } }, { _id: { $lt: id } }] };
  } catch (cause) {
    throw new GovernanceError("request.invalid", "cursor: is none that this API gave", { cause });
  }
}
