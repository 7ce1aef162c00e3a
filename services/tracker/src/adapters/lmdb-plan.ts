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
  /** The only documents that can match. */
  ids?: readonly string[];
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
  const { _id: id, timestamp } = match;
  const ids = idsOf(id);
  const order = ids ? undefined : orderOf(rest[0]?.$sort);
  if (order) rest.shift();
  const limit = (take(rest, "$limit") as number | undefined) ?? Number.POSITIVE_INFINITY;
  return {
    ...(ids && { ids }),
    scan: { ...rangeOf(timestamp), newestFirst: order === "newest first" },
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

function idsOf(condition: unknown): readonly string[] | undefined {
  if (typeof condition === "string") return [condition];
  if (typeof condition !== "object" || condition === null) return undefined;
  const { $in, ...others } = condition as { $in?: unknown };
  const isList = Array.isArray($in) && $in.every((id) => typeof id === "string") && Object.keys(others).length === 0;
  return isList ? [...new Set($in)] : undefined;
}

const ORDERS: Readonly<Record<string, "newest first" | "oldest first">> = {
  '{"timestamp":-1}': "newest first",
  '{"timestamp":-1,"_id":-1}': "newest first",
  '{"timestamp":1}': "oldest first",
  '{"timestamp":1,"_id":1}': "oldest first",
};

/** The index is ordered by time and then id; a sort by time alone leaves the rest open, so that it is answered too. */
function orderOf(sort: unknown): "newest first" | "oldest first" | undefined {
  return ORDERS[JSON.stringify(sort)];
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
