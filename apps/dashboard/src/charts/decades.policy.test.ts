import { expect, test } from '@jest/globals';
import { lagBucketsMs } from '@postrider/contracts';
import { decadesUpTo } from './decades.policy.js';

test('an axis ends at the first mark beyond the longest duration', () => {
  expect(decadesUpTo(1)).toEqual([1, 10]);
  expect(decadesUpTo(10)).toEqual([1, 10]);
  expect(decadesUpTo(11)).toEqual([1, 10, 100]);
  expect(decadesUpTo(31_000).at(-1)).toBe(60_000);
  const longest = lagBucketsMs.at(-1) ?? 0;
  expect(decadesUpTo(longest).at(-1)).toBeGreaterThanOrEqual(longest);
});
