import type { Document } from "../record-store.ts";
import { GROUPINGS, type Grouping, PLAIN_SUMS, type Span, type Sums } from "./figures.ts";

/**
 * All figures of one span and grouping in one document, so that a month of them is read as a few dozen documents. Of
 * minutes, `pair` is kept in this way alone: hours are made from it, and nobody asks for it by the minute.
 */
export const packedName = (grouping: Grouping): string => `packed/${grouping}`;

/** Pairs are asked for by one of their members: an index finds these. */
export function isPacked(span: Span, grouping: Grouping): boolean {
  return grouping !== "pair" || span === "minute";
}

/** Whether each combination has a document of its own. */
export function isListed(span: Span, grouping: Grouping): boolean {
  return grouping !== "pair" || span !== "minute";
}

/** JSON text: for each row its members and sums in the order of their names here. */
export function packed(grouping: Grouping, rows: readonly (Document & Sums)[]): string {
  return JSON.stringify(rows.map((row) => [...GROUPINGS[grouping].map((name) => row[name]), ...valuesOf(row)]));
}

function valuesOf(sums: Sums): unknown[] {
  const { duration, denials } = sums;
  const { count, sum, min, max, histogram } = duration;
  return [
    ...PLAIN_SUMS.map((name) => sums[name]),
    sums.last_at?.getTime() ?? null,
    [count, sum, min, max, histogram.buckets, histogram.counts],
    denials.map(({ code, count: denied }) => [code, denied]),
    sums.principals,
  ];
}

type Duration = [number, number, number | null, number | null, number[], number[]];

/** What was packed; only rows that have these values. */
export function unpacked(grouping: Grouping, text: string, match: Document = {}): (Document & Sums)[] {
  const names: readonly string[] = GROUPINGS[grouping];
  const wanted = Object.entries(match).map(([name, value]) => [names.indexOf(name), value] as const);
  const rows = JSON.parse(text) as unknown[][];
  return rows.filter((row) => wanted.every(([index, value]) => row[index] === value)).map((row) => rowOf(names, row));
}

function rowOf(names: readonly string[], row: readonly unknown[]): Document & Sums {
  const result: Document = {};
  for (const [index, name] of [...names, ...PLAIN_SUMS].entries()) result[name] = row[index];
  const [last, duration, denials, principals] = row.slice(names.length + PLAIN_SUMS.length);
  const [count, sum, min, max, buckets, counts] = duration as Duration;
  result.last_at = last === null ? null : new Date(last as number);
  result.duration = { count, sum, min, max, histogram: { buckets, counts } };
  result.denials = (denials as [string, number][]).map(([code, denied]) => ({ code, count: denied }));
  result.principals = principals;
  return result as Document & Sums;
}
