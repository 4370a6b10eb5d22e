import { expect, test } from '@jest/globals';
import { chooseBuckets } from './buckets.policy.js';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
const now = 1_750_000_123_456;

test.each([
  ['a moment', 0, minute],
  ['an hour', hour, minute],
  ['two hours', 2 * hour, 5 * minute],
  ['a day', day, 15 * minute],
  ['a week', 7 * day, 2 * hour],
  ['30 days', 30 * day, 12 * hour],
  ['a quarter', 90 * day, day],
  ['a year', 365 * day, 4 * day],
  ['all time', now, 171 * day],
])('%s is shown in steps of a readable width', (_what, range, widthMs) => {
  const scale = chooseBuckets(now - range, now);
  expect(scale.widthMs).toBe(widthMs);
  expect(scale.firstAt % widthMs).toBe(0);
  expect(scale.firstAt).toBeLessThanOrEqual(now - range);
  expect(scale.firstAt + widthMs).toBeGreaterThan(now - range);
  expect(scale.firstAt + scale.count * widthMs).toBeGreaterThan(now);
  expect(scale.count).toBeLessThanOrEqual(120);
});

test('the longest range that a query can name', () => {
  expect(chooseBuckets(0, 8_640_000_000_000_000).count).toBeLessThanOrEqual(120);
});
