import { expect, test } from '@jest/globals';
import { median, quantile, quantileOfBuckets } from './statistics.js';

test('quantiles are of the nearest rank, whatever the order', () => {
  expect(quantile([3, 1, 2], 0.5)).toBe(2);
  expect(quantile([10, 9, 100], 0.99)).toBe(100);
  expect(quantile([], 0.5)).toBe(0);
});

test('the median of an even number of values lies between the two in the middle', () => {
  expect(median([4, 1, 3, 2])).toBe(2.5);
  expect(median([5, 1, 100])).toBe(5);
});

test('a quantile of a histogram lies within its bucket, in proportion', () => {
  const buckets = [
    { upTo: 0.01, count: 50 },
    { upTo: 0.02, count: 100 },
    { upTo: Infinity, count: 100 },
  ];
  expect(quantileOfBuckets(buckets, 0.75)).toBeCloseTo(0.015);
  expect(quantileOfBuckets(buckets, 0.25)).toBeCloseTo(0.005);
});

test('what lies above all buckets is told by the last end that is known', () => {
  const buckets = [
    { upTo: 0.1, count: 1 },
    { upTo: Infinity, count: 10 },
  ];
  expect(quantileOfBuckets(buckets, 0.99)).toBe(0.1);
});
