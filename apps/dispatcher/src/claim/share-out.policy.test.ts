import { expect, test } from '@jest/globals';
import { shareOut, type Wanting } from './share-out.policy.js';

const webhooks = (organizationId: string, count: number, room: number): Wanting[] =>
  Array.from({ length: count }, (_, at) => ({ organizationId, webhookId: `${organizationId}-${at}`, room }));
const totals = (wanting: readonly Wanting[], room: number): Record<string, number> => {
  const sums: Record<string, number> = {};
  for (const { webhookId, quota } of shareOut(wanting, room)) {
    const organization = webhookId.split('-')[0] ?? '';
    sums[organization] = (sums[organization] ?? 0) + quota;
  }
  return sums;
};

test('organizations share evenly, however many webhooks each has', () => {
  expect(totals([...webhooks('big', 200, 200), ...webhooks('small', 1, 200)], 300)).toEqual({
    big: 150,
    small: 150,
  });
});

test('what one has no room for goes to the others', () => {
  expect(totals([...webhooks('big', 10, 100), ...webhooks('small', 2, 3)], 500)).toEqual({
    big: 494,
    small: 6,
  });
});

test('webhooks of an organization share its part evenly', () => {
  expect(shareOut(webhooks('a', 3, 10), 8).map(({ quota }) => quota)).toEqual([3, 3, 2]);
});

test('who has no room gets nothing, and nothing is shared out where there is none', () => {
  expect(shareOut(webhooks('a', 2, 0), 100)).toEqual([]);
  expect(shareOut(webhooks('a', 2, 5), 0)).toEqual([]);
  expect(shareOut([], 10)).toEqual([]);
});
