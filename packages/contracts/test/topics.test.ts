import { expect, test } from '@jest/globals';
import { JsonObject, TopicCreate } from '../src/index.js';

const nested = (depth: number): unknown =>
  JSON.parse('{"a":'.repeat(depth - 1) + '{}' + '}'.repeat(depth - 1));

test('an example is taken 64 deep, and 65, 5,000 or 100,000 deep is told, not thrown at', () => {
  expect(JsonObject.safeParse(nested(64)).success).toBe(true);
  for (const depth of [65, 5_000, 100_000]) {
    expect(JsonObject.safeParse(nested(depth)).error?.issues[0]?.message).toBe(
      'must not be nested more than 64 deep',
    );
  }
});

test.each([
  ['lines\r\nand\ttabs', true],
  ['emoji 💩 and مرحبا', true],
  ['a\0b', false],
  ['bell \u0007', false],
  ['next line \u0085', false],
  ['lone \ud83d surrogate', false],
])('a description %j: %p', (Description, fine) => {
  expect(TopicCreate.safeParse({ Name: 'a.b', Description }).success).toBe(fine);
});
