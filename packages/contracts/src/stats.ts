// Figures of an organization or of one webhook over a time range.
import { z } from 'zod';
import { EpochMs } from './text.js';

const Quantiles = z.strictObject({
  P50: z.int().nullable(),
  P95: z.int().nullable(),
  P99: z.int().nullable(),
});

export const Stats = z.strictObject({
  From: EpochMs,
  To: EpochMs,
  Deliveries: z.strictObject({
    Pending: z.int(),
    Held: z.int(),
    Succeeded: z.int(),
    Failed: z.int(),
    Cancelled: z.int(),
  }),
  Attempts: z.int(),
  SuccessRate: z.number().min(0).max(1).nullable(),
  DurationMs: Quantiles,
  /** From the acceptance of an event to its receipt, of deliveries that were received without a resend. */
  LagMs: Quantiles,
  OldestPendingAt: EpochMs.nullable(),
  Buckets: z.array(
    z.strictObject({ At: EpochMs, Succeeded: z.int(), Failed: z.int() }).extend({
      P50: z.int().nullable(),
      P95: z.int().nullable(),
      P99: z.int().nullable(),
      LagMs: Quantiles,
    }),
  ),
});
export type Stats = z.infer<typeof Stats>;

/**
 * Upper bounds in ms (inclusive) of the duration histogram kept per webhook and minute; about 12 % apart, up to 30 s
 * (the longest timeout) and one bucket beyond. A quantile read from it is off by at most one step.
 */
export const durationBucketsMs: readonly number[] = makeBuckets(32_000);

/** The same for the time from event to receipt, which with retries and pauses may take days: up to ten of them. */
export const lagBucketsMs: readonly number[] = makeBuckets(10 * 86_400_000);

function makeBuckets(untilMs: number): number[] {
  const bounds = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];
  for (let bound = 11.2; bound < untilMs; bound *= 1.12) bounds.push(Math.round(bound));
  return bounds;
}

/** Index of the bucket of a duration in ms, 0 .. boundsMs.length (the last one: longer than all bounds). */
export function durationBucket(durationMs: number, boundsMs = durationBucketsMs): number {
  let low = 0;
  let high = boundsMs.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((boundsMs[middle] ?? Infinity) < durationMs) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * The q-quantile (0..1) in ms of a histogram with one count per bucket, or null when it is empty. Empty buckets at its
 * end may be missing.
 */
export function histogramQuantile(
  counts: readonly number[],
  q: number,
  boundsMs = durationBucketsMs,
): number | null {
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (total === 0) return null;
  const rank = Math.max(1, Math.ceil(q * total));
  let seen = 0;
  for (const [index, count] of counts.entries()) {
    seen += count;
    if (seen >= rank) return boundsMs[index] ?? boundsMs.at(-1) ?? null;
  }
  return null;
}
