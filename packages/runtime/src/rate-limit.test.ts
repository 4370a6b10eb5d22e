import { expect, test } from '@jest/globals';
import type { ProblemError } from '@postrider/contracts';
import { TokenBuckets } from './rate-limit.js';

function attempt(buckets: TokenBuckets, name: string, cost = 1): string | null {
  try {
    buckets.require(name, 'an API key');
    buckets.charge(name, cost);
    return null;
  } catch (error) {
    return (error as ProblemError).headers['Retry-After'] ?? '';
  }
}

test('ten seconds at once, then as much as comes back; Retry-After says when', () => {
  let nowMs = 0;
  const buckets = new TokenBuckets(5, () => nowMs);
  for (let i = 0; i < 50; i += 1) expect(attempt(buckets, 'a')).toBeNull();
  expect(attempt(buckets, 'a')).toBe('1');
  expect(attempt(buckets, 'b')).toBeNull();
  nowMs += 200;
  expect(attempt(buckets, 'a')).toBeNull();
  expect(attempt(buckets, 'a')).toBe('1');
});

test('what was taken beyond is waited for', () => {
  let nowMs = 0;
  const buckets = new TokenBuckets(10, () => nowMs);
  expect(attempt(buckets, 'a', 200)).toBeNull();
  expect(attempt(buckets, 'a')).toBe('11');
  nowMs += 10_200;
  expect(attempt(buckets, 'a')).toBeNull();
});

test('0 is no limit', () => {
  const buckets = new TokenBuckets(0, () => 0);
  for (let i = 0; i < 1_000; i += 1) expect(attempt(buckets, 'a', 1_000)).toBeNull();
});

test('a million names take no more memory than fifty thousand', () => {
  const buckets = new TokenBuckets(1, () => 0);
  for (let i = 0; i < 120_000; i += 1) expect(attempt(buckets, String(i))).toBeNull();
  expect((buckets as unknown as { buckets: Map<string, unknown> }).buckets.size).toBeLessThanOrEqual(50_000);
});
