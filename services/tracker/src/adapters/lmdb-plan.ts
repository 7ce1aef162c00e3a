import type { Document } from "../record-store.ts";

/** Which documents to read, and in which order of their `timestamp`. Never fewer than the pipeline asks for. */
export interface Scan {
  /** Milliseconds, both inclusive. */
  from?: number;
  to?: number;
  newestFirst: boolean;
}

/** How to answer a pipeline by reading no more than it needs. */
export interface Plan {
  /** The only document that can match. */
  id?: string;
  scan: Scan;
  /** Condition on each document read. */
  match: Document;
  /** Reading ends after so many documents that match. */
  limit: number;
  /** The stages that are left. */
  rest: readonly Document[];
}

/** Takes over from the beginning of a pipeline what an index over `timestamp` answers: `$match`, `$sort` by time, `$limit`. */
export function planOf(pipeline: readonly Document[]): Plan {
  const rest = [...pipeline];
  const match = (take(rest, "$match") ?? {}) as Document;
  const newestFirst = isNewestFirst(rest[0]?.$sort);
  if (newestFirst) rest.shift();
  const limit = (take(rest, "$limit") as number | undefined) ?? Number.POSITIVE_INFINITY;
  const { _id: id, timestamp } = match;
  return {
    ...(typeof id === "string" && { id }),
    scan: { ...rangeOf(timestamp), newestFirst },
    match,
    limit,
    rest,
  };
}

function take(stages: Document[], operator: string): unknown {
  const first = stages[0];
  if (!first || !Object.hasOwn(first, operator)) return undefined;
  stages.shift();
  return first[operator];
}

/** The index is ordered by time and then id; a sort by time alone leaves the rest open, so that it is answered too. */
function isNewestFirst(sort: unknown): boolean {
  return ['{"timestamp":-1}', '{"timestamp":-1,"_id":-1}'].includes(JSON.stringify(sort));
}

function rangeOf(condition: unknown): { from?: number; to?: number } {
  if (typeof condition !== "object" || condition === null) return {};
  const { $gte, $gt, $lt, $lte } = condition as Document;
  const from = $gte ?? $gt;
  const to = $lte ?? $lt;
  return {
    ...(from instanceof Date && { from: from.getTime() }),
    ...(to instanceof Date && { to: to.getTime() }),
  };
}
