import { describe, expect, test } from '@jest/globals';
import {
  afterAnswer,
  maxLimit,
  newConcurrency,
  parkingMs,
  patienceMs,
  queueAllowance,
  type AnswerKind,
  type Concurrency,
} from './concurrency.policy.js';

/** One round: as many answers as requests may be under way. */
function round(before: Concurrency, kind: AnswerKind, durationMs: number, nowMs: number): Concurrency {
  let concurrency = before;
  for (let answers = Math.floor(before.limit); answers > 0; answers -= 1) {
    concurrency = afterAnswer(concurrency, kind, durationMs, nowMs);
  }
  return concurrency;
}

const limitsOf = (rounds: number, kind: AnswerKind, durationMs: number, start = newConcurrency): number[] => {
  const limits: number[] = [];
  let concurrency = start;
  for (let at = 1; at <= rounds; at += 1) {
    concurrency = round(concurrency, kind, durationMs, at * 10_000);
    limits.push(Math.floor(concurrency.limit));
  }
  return limits;
};

describe('the limit', () => {
  test('doubles per round of quick answers up to the threshold, then grows by one', () => {
    expect(limitsOf(5, 'answered', 10)).toEqual([32, 64, 64, 65, 66]);
  });

  test('never passes its maximum', () => {
    expect(limitsOf(400, 'answered', 10).at(-1)).toBe(maxLimit);
  });

  test('stays where answers are slow', () => {
    expect(limitsOf(3, 'answered', 2_500)).toEqual([16, 16, 16]);
  });

  test('stays where answers take a quarter of the time that they have', () => {
    expect(afterAnswer(newConcurrency, 'received', 501, 0, 2_000).limit).toBe(16);
    expect(afterAnswer(newConcurrency, 'received', 500, 0, 2_000).limit).toBe(17);
    expect(afterAnswer(newConcurrency, 'received', 2_001, 0, 30_000).limit).toBe(16);
  });

  test('halves where they take half of it, once per second, down to what a new webhook has', () => {
    let concurrency: Concurrency = { ...newConcurrency, limit: 100 };
    const limits = [5_000, 5_999, 6_000, 7_000, 8_000].map((nowMs) => {
      concurrency = afterAnswer(concurrency, 'received', 1_001, nowMs, 2_000);
      return concurrency.limit;
    });
    expect(limits).toEqual([50, 50, 25, 16, 16]);
  });

  test('halves per round of overload, once per second, down to one', () => {
    expect(limitsOf(6, 'overloaded', 10)).toEqual([8, 4, 2, 1, 1, 1]);
  });

  test('after an overload it doubles only to where it was halved to, then grows slowly', () => {
    const big: Concurrency = { ...newConcurrency, limit: 100, threshold: 64 };
    const halved = afterAnswer(big, 'overloaded', 10, 5_000);
    expect(halved.limit).toBe(50);
    expect(afterAnswer(halved, 'answered', 10, 7_000).limit).toBeCloseTo(50 + 1 / 50);
    const again = afterAnswer(halved, 'overloaded', 10, 5_999);
    expect(again.limit).toBe(50);
    expect(afterAnswer(halved, 'overloaded', 10, 6_000).limit).toBe(25);
  });
});

describe('the queue', () => {
  test('holds about a second of work', () => {
    expect(queueAllowance({ ...newConcurrency, limit: 16, averageMs: 100 }, 0)).toBe(160);
    expect(queueAllowance({ ...newConcurrency, limit: 256, averageMs: 1 }, 0)).toBe(256_000);
    expect(queueAllowance({ ...newConcurrency, limit: 256, averageMs: 0 }, 0)).toBe(256_000);
  });

  test('is longer the emptier the memory is', () => {
    expect([0, 0.5, 1, 1.2].map(patienceMs)).toEqual([6_000, 3_500, 1_000, 1_000]);
    expect(queueAllowance({ ...newConcurrency, limit: 16, averageMs: 100 }, 0, 6_000)).toBe(960);
  });

  test('shrinks while the oldest request is not answered, whatever the average says', () => {
    const quick: Concurrency = { ...newConcurrency, limit: 16, averageMs: 1 };
    expect(queueAllowance(quick, 1_000)).toBe(16);
    expect(queueAllowance(quick, 15_000)).toBe(4);
  });

  test('the average follows the answers', () => {
    const first = afterAnswer(newConcurrency, 'answered', 100, 0);
    expect(first.averageMs).toBe(100);
    expect(afterAnswer(first, 'overloaded', 1_100, 0).averageMs).toBe(200);
  });
});

test('parking is spread by a quarter either way, so that what was parked together does not come back together', () => {
  expect([0, 0.5, 0.999_999].map(parkingMs)).toEqual([750, 1_000, 1_250]);
});
