import type { Document } from "../record-store.ts";

export type Scalar = string | boolean;

/** Milliseconds of dates, or numbers; both inclusive. */
export interface Range {
  from?: number;
  to?: number;
}

/** What must hold, among other things, of every document that a `$match` lets through. */
export interface Conditions {
  /** The values that a member may have. */
  values: ReadonlyMap<string, readonly Scalar[]>;
  ranges: ReadonlyMap<string, Range>;
}

/** What it does not understand is left out: the conditions are never narrower than the match. */
export function conditionsOf(match: Document): Conditions {
  const values = new Map<string, readonly Scalar[]>();
  const ranges = new Map<string, Range>();
  for (const [field, condition] of conjuncts(match)) {
    const listed = valuesIn(condition);
    const known = values.get(field);
    if (listed && (!known || listed.length < known.length)) values.set(field, listed);
    const range = rangeIn(condition);
    if (range) ranges.set(field, intersection(ranges.get(field), range));
  }
  return { values, ranges };
}

function* conjuncts(match: Document): Iterable<[field: string, condition: unknown]> {
  for (const [field, condition] of Object.entries(match)) {
    if (field === "$and" && Array.isArray(condition)) for (const part of condition) yield* conjuncts(part as Document);
    else if (!field.startsWith("$")) yield [field, condition];
  }
}

const isScalar = (value: unknown): value is Scalar => typeof value === "string" || typeof value === "boolean";

function valuesIn(condition: unknown): readonly Scalar[] | undefined {
  if (isScalar(condition)) return [condition];
  if (!isOperators(condition)) return undefined;
  if (isScalar(condition.$eq)) return [condition.$eq];
  const { $in } = condition;
  return Array.isArray($in) && $in.every(isScalar) ? [...new Set<Scalar>($in)] : undefined;
}

function rangeIn(condition: unknown): Range | undefined {
  const exactly = pointOf(condition);
  if (exactly !== undefined) return { from: exactly, to: exactly };
  if (!isOperators(condition)) return undefined;
  const { $eq, $gte, $gt, $lte, $lt } = condition;
  const from = pointOf($eq) ?? pointOf($gte) ?? pointOf($gt);
  const to = pointOf($eq) ?? pointOf($lte) ?? pointOf($lt);
  if (from === undefined && to === undefined) return undefined;
  return { ...(from !== undefined && { from }), ...(to !== undefined && { to }) };
}

/** Where a value that is kept in order stands; undefined for what is not. */
export function pointOf(value: unknown): number | undefined {
  const point = value instanceof Date ? value.getTime() : value;
  return typeof point === "number" && Number.isFinite(point) ? point : undefined;
}

function isOperators(condition: unknown): condition is Document {
  return typeof condition === "object" && condition !== null && !Array.isArray(condition);
}

function intersection(one: Range | undefined, other: Range): Range {
  const from = Math.max(one?.from ?? Number.NEGATIVE_INFINITY, other.from ?? Number.NEGATIVE_INFINITY);
  const to = Math.min(one?.to ?? Number.POSITIVE_INFINITY, other.to ?? Number.POSITIVE_INFINITY);
  return { ...(Number.isFinite(from) && { from }), ...(Number.isFinite(to) && { to }) };
}
