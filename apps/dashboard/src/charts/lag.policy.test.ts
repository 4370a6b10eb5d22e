import { expect, test } from '@jest/globals';
import type { Delivery } from '@postrider/contracts';
import { lagOf } from './lag.policy.js';

const delivery = (lagMs: number, more: Partial<Delivery> = {}): Delivery =>
  ({
    Status: 'Succeeded',
    Trigger: 'event',
    CreatedAt: 1_000,
    UpdatedAt: 1_000 + lagMs,
    ...more,
  }) as Delivery;

test('the median and the slowest twentieth of what was received by itself', () => {
  const many = Array.from({ length: 100 }, (_, n) => delivery(n + 1));
  expect(lagOf(many.reverse())).toEqual({ p50: 50, p95: 95, count: 100 });
  expect(lagOf([delivery(7)])).toEqual({ p50: 7, p95: 7, count: 1 });
});

test('what was not received, or sent by hand, is left out', () => {
  expect(lagOf([delivery(5, { Status: 'Failed' }), delivery(9, { Trigger: 'ping' })])).toBeNull();
});
