import { expect, test } from '@jest/globals';
import { diffLines } from './diff.policy.js';

const marks = { same: ' ', added: '+', removed: '-' } as const;
const shown = (before: string, after: string) =>
  diffLines(before, after)?.map(({ kind, text }) => marks[kind] + text);

test.each<[string, string, string[]]>([
  ['a\nb', 'a\nb', [' a', ' b']],
  ['a\nb\nc', 'a\nc', [' a', '-b', ' c']],
  ['a', 'b', ['-a', '+b']],
  ['', 'x', ['-', '+x']],
  ['a\nb\nc\nd', 'b\nx\nd', ['-a', ' b', '-c', '+x', ' d']],
])('%j to %j', (before, after, lines) => {
  expect(shown(before, after)).toEqual(lines);
});

test('what is too long to compare is told', () => {
  expect(diffLines('x\n'.repeat(5_000), 'y')).toBeNull();
});
