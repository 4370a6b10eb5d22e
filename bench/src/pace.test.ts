import { expect, test } from '@jest/globals';
import { monotonicUs } from './clock.js';
import { atOnce, atRate } from './pace.js';

test('no more are under way than are asked for, and each number comes once', async () => {
  const seen: number[] = [];
  let underWay = 0;
  let most = 0;
  await atOnce(50, 4, async (n) => {
    most = Math.max(most, (underWay += 1));
    await new Promise((resolve) => setImmediate(resolve));
    underWay -= 1;
    seen.push(n);
  });
  expect(most).toBe(4);
  expect([...seen].sort((a, b) => a - b)).toEqual(Array.from({ length: 50 }, (_, n) => n));
});

test('an open model begins on time though nothing is answered, and tells the intended times', async () => {
  const intended: number[] = [];
  let answer = (): void => undefined;
  const answered = new Promise<void>((resolve) => {
    answer = resolve;
  });
  const startedUs = monotonicUs();
  const all = atRate(20, 1_000, (n, at) => {
    intended[n] = at;
    if (n === 19) answer();
    return answered;
  });
  expect(await all).toHaveLength(20);
  expect((intended[19] ?? 0) - (intended[0] ?? 0)).toBe(19_000);
  expect(monotonicUs() - startedUs).toBeGreaterThanOrEqual(19_000);
});
