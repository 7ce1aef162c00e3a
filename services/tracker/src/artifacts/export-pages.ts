import { laterThan } from "../later-than.ts";
import type { Document } from "../record-store.ts";
import type { Artifact, Exportable, Source } from "./artifact.ts";

/** Where an export stands: in which of its collections, after which document, and how many records it has. */
export interface Position {
  collection: number;
  /** `timestamp` in milliseconds and `_id` of the last one; null at the beginning of a collection. */
  after: [number, string] | null;
  records: number;
}

export const BEGINNING: Position = { collection: 0, after: null, records: 0 };

/** The most documents of a page, by how large they can be. */
const LIMITS: Readonly<Partial<Record<Exportable, number>>> = { policy_revisions: 2, dead_letters: 20 };
const USUAL_LIMIT = 500;
/** Characters of inputs and outputs that a page has, unless a single call has more. */
const PAGE_CHARS = 2_000_000;

type Range = Pick<Artifact, "collections" | "range" | "filters">;

/** The next documents, oldest first, and where the export stands after them. None when it is through. */
export async function nextPage(
  store: Source,
  artifact: Range,
  from: Position,
): Promise<{ documents: Document[]; position: Position } | undefined> {
  let at = from;
  for (;;) {
    const collection = artifact.collections[at.collection];
    if (collection === undefined) return undefined;
    const documents = await read(store, collection, { artifact, after: at.after });
    const last = documents.at(-1);
    if (last) {
      const after: Position["after"] = [(last.timestamp as Date).getTime(), String(last._id)];
      return { documents, position: { ...at, after, records: at.records + documents.length } };
    }
    at = { ...at, collection: at.collection + 1, after: null };
  }
}

/** Which share of the time of all collections is behind; between 0 and 1. */
export function fractionOf({ collections, range }: Range, { collection, after }: Position): number {
  const whole = Math.max(1, range.to.getTime() - range.from.getTime());
  const part = after === null ? 0 : (after[0] - range.from.getTime()) / whole;
  return Math.min(1, (collection + part) / Math.max(1, collections.length));
}

interface Asked {
  artifact: Range;
  after: Position["after"];
}

async function read(store: Source, collection: Exportable, asked: Asked): Promise<Document[]> {
  const limit = LIMITS[collection] ?? USUAL_LIMIT;
  const pipeline = pipelineOf(asked, limit);
  if (collection !== "tool_logs") return store.aggregate(collection, pipeline);
  const sizes = await store.aggregate(collection, [...pipeline, { $project: { input_size: 1, output_size: 1 } }]);
  const fitting = fitted(sizes);
  return fitting === 0 ? [] : store.aggregate(collection, pipelineOf(asked, fitting));
}

/** How many of the calls have no more characters together than a page should; at least one where there is one. */
function fitted(calls: readonly Document[]): number {
  let chars = 0;
  for (const [index, { input_size, output_size }] of calls.entries()) {
    chars += Number(input_size ?? 0) + Number(output_size ?? 0);
    if (chars > PAGE_CHARS) return Math.max(1, index);
  }
  return calls.length;
}

function pipelineOf({ artifact: { range, filters }, after }: Asked, limit: number): Document[] {
  const { server_name, principal } = filters;
  const match: Document = {
    ...(server_name !== undefined && { server_name }),
    ...(principal !== undefined && { principal }),
    ...(after === null
      ? { timestamp: { $gte: range.from, $lt: range.to } }
      : laterThan({ timestamp: new Date(after[0]), _id: after[1] }, { $lt: range.to })),
  };
  return [{ $match: match }, { $sort: { timestamp: 1, _id: 1 } }, { $limit: limit }];
}
