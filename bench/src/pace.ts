// How events are begun: as many at once as are awaited, or each at its time.
import { monotonicUs } from './clock.js';

/** Closed model: `inFlight` are awaited at any time. */
export async function atOnce(
  count: number,
  inFlight: number,
  one: (n: number) => Promise<void>,
): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < count) await one(next++);
  };
  await Promise.all(Array.from({ length: Math.min(inFlight, count) }, worker));
}

/**
 * Open model: event n begins at n / perSecond, whatever became of those before, and is told that time, so that a system
 * that stalls makes all of them late (no coordinated omission). Answers how late each began, in ms.
 */
export async function atRate(
  count: number,
  perSecond: number,
  one: (n: number, intendedAtUs: number) => Promise<void>,
): Promise<number[]> {
  const startedAtUs = monotonicUs();
  const begun: Promise<void>[] = [];
  const lateMs: number[] = [];
  while (begun.length < count) {
    const nowUs = monotonicUs();
    for (;;) {
      const intendedAtUs = startedAtUs + (begun.length * 1_000_000) / perSecond;
      if (begun.length >= count || intendedAtUs > nowUs) break;
      lateMs.push((nowUs - intendedAtUs) / 1000);
      begun.push(one(begun.length, Math.round(intendedAtUs)));
    }
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  await Promise.all(begun);
  return lateMs;
}
