const minuteMs = 60_000;

/** Where a logarithmic axis of durations has its marks, in ms, so that their names are round; the last is beyond them all. */
const marksMs = [1, 10, 100, 1_000, 10_000, minuteMs, 10 * minuteMs, 60 * minuteMs, 6 * 60 * minuteMs].concat(
  [1, 5, 30].map((days) => days * 24 * 60 * minuteMs),
);

/** The marks from 1 ms up to the first that is not below the longest. */
export function decadesUpTo(longestMs: number): number[] {
  const last = marksMs.findIndex((mark) => mark >= longestMs);
  return marksMs.slice(0, last === -1 ? marksMs.length : Math.max(2, last + 1));
}
