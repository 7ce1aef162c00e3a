import type { Histogram } from "./figures.ts";

const BUCKETS_PER_OCTAVE = 8;
const MICROSECONDS = 1_000;

/** Counts by bucket, while they are added up. */
export type Counts = Map<number, number>;

/** The bucket of a duration in milliseconds. */
export function bucketOf(ms: number): number {
  const us = ms * MICROSECONDS;
  return us <= 1 ? 0 : Math.ceil(BUCKETS_PER_OCTAVE * Math.log2(us));
}

export function addToBucket(counts: Counts, bucket: number, count: number): void {
  counts.set(bucket, (counts.get(bucket) ?? 0) + count);
}

export function histogramOf(counts: Counts): Histogram {
  const sorted = [...counts].sort(([a], [b]) => a - b);
  return { buckets: sorted.map(([bucket]) => bucket), counts: sorted.map(([, count]) => count) };
}

/** Adds what was counted before. */
export function addHistogram(counts: Counts, { buckets, counts: more }: Histogram): void {
  for (const [index, bucket] of buckets.entries()) addToBucket(counts, bucket, more[index] ?? 0);
}

/**
 * The duration in milliseconds that so many percent of the calls did not exceed (nearest rank), within 4.5 percent for
 * all above a microsecond; null where there are none.
 */
export function percentile({ buckets, counts }: Histogram, percent: number): number | null {
  const total = counts.reduce((sum, count) => sum + count, 0);
  const rank = Math.max(1, Math.ceil((percent / 100) * total));
  let seen = 0;
  for (const [index, bucket] of buckets.entries()) {
    seen += counts[index] ?? 0;
    if (seen >= rank) return middleOf(bucket);
  }
  return null;
}

/** The middle by ratio, so that the error is the same to both sides. */
function middleOf(bucket: number): number {
  return 2 ** ((bucket - 0.5) / BUCKETS_PER_OCTAVE) / MICROSECONDS;
}
