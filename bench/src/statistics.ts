/** The value below which a share of the values lies (nearest rank); 0 of none. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  if (sorted.length % 2 === 1) return sorted[Math.floor(middle)] ?? 0;
  return ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
}

export const sum = (values: Iterable<number>): number => [...values].reduce((a, b) => a + b, 0);

/**
 * A quantile of a Prometheus histogram, with an even spread assumed within a bucket. `buckets`: upper ends, in the unit
 * of the answer, with how many lie below each.
 */
export function quantileOfBuckets(
  buckets: readonly { readonly upTo: number; readonly count: number }[],
  share: number,
): number {
  const wanted = (buckets.at(-1)?.count ?? 0) * share;
  let below = { upTo: 0, count: 0 };
  for (const bucket of buckets) {
    if (bucket.count >= wanted && bucket.count > below.count) {
      if (bucket.upTo === Infinity) return below.upTo;
      const part = (wanted - below.count) / (bucket.count - below.count);
      return below.upTo + part * (bucket.upTo - below.upTo);
    }
    below = bucket;
  }
  return below.upTo;
}
