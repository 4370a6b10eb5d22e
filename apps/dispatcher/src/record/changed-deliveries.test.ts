import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { noticeSubjects } from '@postrider/contracts';
import { ChangeTeller } from './changed-deliveries.js';

let published: [string, unknown][] = [];
const makeTeller = (): ChangeTeller =>
  new ChangeTeller((subject, payload) => published.push([subject, JSON.parse(payload)]));
const change = (organizationId: string, deliveryId: string) => ({ organizationId, deliveryId });

beforeEach(() => {
  published = [];
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

test('a batch is one message per organization, at once, with ids alone', () => {
  const changed = [{ ...change('a', '1'), secret: 'x' }, change('b', '2'), change('a', '3')];
  makeTeller().add(changed);
  expect(published).toEqual([
    [`${noticeSubjects.deliveriesChanged}.a`, { DeliveryIds: ['1', '3'] }],
    [`${noticeSubjects.deliveriesChanged}.b`, { DeliveryIds: ['2'] }],
  ]);
});

test('what follows within a moment goes together; after a quiet moment it goes at once again', () => {
  const teller = makeTeller();
  teller.add([change('a', '1')]);
  for (const id of ['2', '3', '4']) teller.add([change('a', id)]);
  expect(published).toHaveLength(1);
  jest.advanceTimersByTime(100);
  expect(published.slice(1)).toEqual([
    [`${noticeSubjects.deliveriesChanged}.a`, { DeliveryIds: ['2', '3', '4'] }],
  ]);
  jest.advanceTimersByTime(100);
  teller.add([change('a', '5')]);
  expect(published).toHaveLength(3);
  expect(jest.getTimerCount()).toBe(0);
});

test('what has gathered can be told before its time', () => {
  const teller = makeTeller();
  teller.add([change('a', '1')]);
  teller.add([change('a', '2')]);
  teller.tell();
  expect(published).toHaveLength(2);
  expect(jest.getTimerCount()).toBe(0);
});

test('no message grows without bounds', () => {
  makeTeller().add(Array.from({ length: 4_001 }, (_, n) => change('a', String(n))));
  const lengths = published.map(([, notice]) => (notice as { DeliveryIds: string[] }).DeliveryIds.length);
  expect(lengths).toEqual([2_000, 2_000, 1]);
});

test('an empty batch is no message', () => {
  makeTeller().add([]);
  expect([published, jest.getTimerCount()]).toEqual([[], 0]);
});
