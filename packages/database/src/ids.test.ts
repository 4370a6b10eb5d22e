import { expect, test } from '@jest/globals';
import { idMs, idRange, newId } from './ids.js';

test('an id of a millisecond lies in its range, and in no other', () => {
  const id = newId(1_750_000_000_000);
  expect(idMs(id)).toBe(1_750_000_000_000);
  const own = idRange(1_750_000_000_000, 1_750_000_000_000);
  expect(own.first <= id && id <= own.last).toBe(true);
  expect(idRange(1_750_000_000_001, 1_750_000_000_001).first > id).toBe(true);
  expect(idRange(0, 1_749_999_999_999).last < id).toBe(true);
});

test.each([-1, 2 ** 48, 8_640_000_000_000_000])(
  'a range of %p, which no id can have, is still a range of ids',
  (ms) => {
    const { first, last } = idRange(ms, ms);
    const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
    expect(first).toMatch(uuid);
    expect(last).toMatch(uuid);
  },
);

const uuidV7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

test('ids are UUIDv7 of now, ascend, and never come twice', () => {
  const before = Date.now();
  const ids = Array.from({ length: 20_000 }, () => newId());
  const after = Date.now();
  expect(ids.every((id) => uuidV7.test(id))).toBe(true);
  expect(ids).toEqual([...ids].sort());
  expect(new Set(ids).size).toBe(ids.length);
  expect(idMs(ids[0] ?? '')).toBeGreaterThanOrEqual(before);
  expect(idMs(ids.at(-1) ?? '')).toBeLessThanOrEqual(after + 1);
});

test('an id of a given millisecond lies within its range, and is one of its own', () => {
  const ms = 1_590_591_051_225;
  const { first, last } = idRange(ms, ms);
  const ids = Array.from({ length: 5_000 }, () => newId(ms));
  expect(ids.every((id) => uuidV7.test(id) && idMs(id) === ms && first <= id && id <= last)).toBe(true);
  expect(new Set(ids).size).toBe(ids.length);
  // The counter of the ids without a given millisecond is not touched.
  expect(newId() < newId()).toBe(true);
});
