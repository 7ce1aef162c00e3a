/** The middle of the values; of none 0. */
export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** The value that a share of the values does not exceed, between neighbours in proportion; of none 0. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((one, other) => one - other);
  const position = share * (sorted.length - 1);
  const below = sorted[Math.floor(position)] ?? 0;
  const above = sorted[Math.ceil(position)] ?? below;
  return below + (above - below) * (position - Math.floor(position));
}

/** Makes the median of distances from the median a standard deviation, of normal values. */
export const NORMAL_SCALE = 1.4826;

/**
 * The natural logarithm of a bound on the probability that of `trials` calls at least `failures` fail where each one fails
 * with probability `p`: Chernoff's, -n·KL(k/n ‖ p). 0 where so many are to be expected.
 */
export function logTailBound(failures: number, trials: number, p: number): number {
  const share = failures / trials;
  if (share <= p) return 0;
  const divergence = (a: number, b: number) => (a === 0 ? 0 : a * Math.log(a / b));
  return -trials * (divergence(share, p) + divergence(1 - share, 1 - p));
}
