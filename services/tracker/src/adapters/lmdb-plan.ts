import type { RecordIndex } from "../record-indexes.ts";
import type { Document } from "../record-store.ts";
import { type Conditions, conditionsOf, type Range, type Scalar } from "./conditions.ts";

/** A part of an index: what has one of these values, in order. */
export interface Stretch {
  index: RecordIndex;
  /** Values of the index's `by`, one list for each part of it that is read. */
  values: readonly (readonly Scalar[])[];
  range: Range;
  isReversed: boolean;
}

/** How to answer a pipeline by reading no more than it needs. */
export interface Plan {
  /** What is read; all there is, by id, where there is neither. */
  ids?: readonly string[];
  stretch?: Stretch;
  /** Condition on each document read. */
  match: Document;
  /** Reading ends after so many documents that match. */
  limit: number;
  /** The stages that are left. */
  rest: readonly Document[];
}

/** More lists of values than this would be read for one question. */
const MAX_PARTS = 256;

/**
 * Takes over from the beginning of a pipeline what one of the indexes answers: `$match`, `$sort` by the index's order,
 * `$limit`. What no index answers is read in the order of the first of them that has every document.
 */
export function planOf(pipeline: readonly Document[], indexes: readonly RecordIndex[]): Plan {
  const rest = [...pipeline];
  const match = matchOf(rest);
  const conditions = conditionsOf(match);
  const source = sourceOf(conditions, indexes, rest[0]?.$sort);
  if (source.isSorted) rest.shift();
  const limit = (take(rest, "$limit") as number | undefined) ?? Number.POSITIVE_INFINITY;
  return { ...source.read, match, limit, rest };
}

/** All conditions at the beginning, as one. */
function matchOf(rest: Document[]): Document {
  const matches: Document[] = [];
  for (let match = take(rest, "$match"); match !== undefined; match = take(rest, "$match")) {
    matches.push(match as Document);
  }
  return matches.length > 1 ? { $and: matches } : (matches[0] ?? {});
}

function take(stages: Document[], operator: string): unknown {
  const first = stages[0];
  if (!first || !Object.hasOwn(first, operator)) return undefined;
  stages.shift();
  return first[operator];
}

interface Source {
  read: Pick<Plan, "ids" | "stretch">;
  /** The `$sort` after the conditions has nothing left to do. */
  isSorted: boolean;
}

function sourceOf(conditions: Conditions, indexes: readonly RecordIndex[], sort: unknown): Source {
  const ids = conditions.values.get("_id");
  if (ids) return { read: { ids: ids.filter((id) => typeof id === "string") }, isSorted: false };
  const index = bestOf(indexes, conditions, sort);
  if (!index) return { read: {}, isSorted: false };
  const order = directionIn(index, sort);
  const range = conditions.ranges.get(index.order ?? "") ?? {};
  const stretch = { index, values: combinations(index, conditions), range, isReversed: order === -1 };
  return { read: { stretch }, isSorted: order !== undefined };
}

/** The one that binds most members by values; then one in the order that is asked for; then one with a range. */
function bestOf(indexes: readonly RecordIndex[], conditions: Conditions, sort: unknown): RecordIndex | undefined {
  let best: RecordIndex | undefined;
  let most = -1;
  for (const index of indexes.filter((each) => isUsable(each, conditions))) {
    const isInOrder = directionIn(index, sort) !== undefined;
    const isRanged = conditions.ranges.has(index.order ?? "");
    const merit = index.by.length * 4 + (isInOrder ? 2 : 0) + (isRanged ? 1 : 0);
    if (merit <= most) continue;
    best = index;
    most = merit;
  }
  return best;
}

function isUsable(index: RecordIndex, conditions: Conditions): boolean {
  return (
    index.by.every((field) => conditions.values.has(field)) &&
    combinationsOf(index, conditions) <= MAX_PARTS &&
    Object.entries(index.only ?? {}).every(([field, only]) =>
      conditions.values.get(field)?.every((value) => isAmong(value, only)),
    )
  );
}

/** Whether documents with that value are in an index of `only` these. */
export function isAmong(value: unknown, only: readonly string[] | readonly boolean[] | "text"): boolean {
  if (only === "text") return typeof value === "string" && value !== "";
  return (only as readonly unknown[]).includes(value);
}

const valuesOf = (field: string, conditions: Conditions): readonly Scalar[] => conditions.values.get(field) ?? [];

function combinationsOf({ by }: RecordIndex, conditions: Conditions): number {
  return by.reduce((product, field) => product * valuesOf(field, conditions).length, 1);
}

function combinations({ by }: RecordIndex, conditions: Conditions): Scalar[][] {
  return by.reduce<Scalar[][]>(
    (lists, field) => lists.flatMap((list) => valuesOf(field, conditions).map((value) => [...list, value])),
    [[]],
  );
}

/** 1 or -1 where reading the index in that direction is what the sort asks for. A sort that leaves `_id` open is answered too. */
function directionIn({ order }: RecordIndex, sort: unknown): 1 | -1 | undefined {
  if (typeof sort !== "object" || sort === null) return undefined;
  const keys = Object.keys(sort);
  const wanted = order === undefined ? ["_id"] : [order, "_id"];
  if (keys.length === 0 || keys.some((key, at) => key !== wanted[at])) return undefined;
  const directions = new Set(Object.values(sort));
  if (directions.size !== 1) return undefined;
  if (directions.has(1)) return 1;
  return directions.has(-1) ? -1 : undefined;
}
