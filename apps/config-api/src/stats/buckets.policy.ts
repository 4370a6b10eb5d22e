const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

/** What a chart can show side by side. */
const maxBuckets = 120;
const widthsMs = [1, 5, 10, 15, 30]
  .map((minutes) => minutes * minuteMs)
  .concat([1, 2, 3, 6, 12, 24].map((hours) => hours * hourMs));

export interface BucketScale {
  readonly widthMs: number;
  /** Epoch ms of the first bucket's start: a multiple of the width. */
  readonly firstAt: number;
  readonly count: number;
}

/** The finest scale that shows [fromMs, toMs] in 120 buckets or a few less; from a minute up, days beyond 120 of them. */
export function chooseBuckets(fromMs: number, toMs: number): BucketScale {
  const fits = (widthMs: number): boolean => countOf(fromMs, toMs, widthMs) <= maxBuckets;
  let widthMs = widthsMs.find(fits) ?? Math.ceil((toMs - fromMs) / (maxBuckets - 1) / dayMs) * dayMs;
  while (!fits(widthMs)) widthMs += dayMs;
  return { widthMs, firstAt: Math.floor(fromMs / widthMs) * widthMs, count: countOf(fromMs, toMs, widthMs) };
}

function countOf(fromMs: number, toMs: number, widthMs: number): number {
  return Math.floor(toMs / widthMs) - Math.floor(fromMs / widthMs) + 1;
}
