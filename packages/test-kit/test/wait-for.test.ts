import { expect, test } from '@jest/globals';
import { waitFor } from '../src/index.js';

test('gives back what the condition became', async () => {
  const answers = [undefined, 0, 'there'];
  expect(await waitFor('an answer', () => answers.shift())).toBe('there');
});

test('a condition that throws is waited for', async () => {
  let looks = 0;
  const flaky = (): string => {
    looks += 1;
    if (looks < 3) throw new Error('not yet');
    return 'now';
  };
  expect(await waitFor('the flaky one', flaky)).toBe('now');
});

test('the error says what was awaited and what was seen last', async () => {
  const never = waitFor('two rows', () => null, { timeoutMs: 60 });
  await expect(never).rejects.toThrow('waited 60 ms for two rows; last seen: null');
  const broken = waitFor('a table', () => Promise.reject(new Error('no such table')), { timeoutMs: 60 });
  await expect(broken).rejects.toThrow(/for a table; last seen: an error: Error: no such table/);
});
