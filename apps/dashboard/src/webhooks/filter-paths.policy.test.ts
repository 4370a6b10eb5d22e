import { expect, test } from '@jest/globals';
import { pathsOf } from './filter-paths.policy.js';

test('paths of what can be compared, at any depth', () => {
  const example = { JobId: 'a', Target: { Command: 'x', Deep: { N: 1 } }, Tags: ['a'], Nothing: null };
  expect(pathsOf(example, 'Data')).toEqual([
    'Data.JobId',
    'Data.Target.Command',
    'Data.Target.Deep.N',
    'Data.Tags',
    'Data.Nothing',
  ]);
});

test('keys that a filter can not name are left out, and long examples end', () => {
  expect(pathsOf({ 'a.b': 1, '': 2, c: 3 }, 'Data')).toEqual(['Data.c']);
  const wide = Object.fromEntries(Array.from({ length: 500 }, (_, n) => [`k${n}`, n]));
  expect(pathsOf(wide, 'Data')).toHaveLength(60);
});
