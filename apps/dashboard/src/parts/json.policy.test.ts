import { expect, test } from '@jest/globals';
import { prettyJson } from './json.policy.js';

test.each([
  ['{"a":1,"b":[true,null,{}],"c":{"d":"x, {y}: \\"z\\""}}'],
  ['[]'],
  ['"text"'],
  ['{"a":{"b":[[1],[2,3]]}}'],
])('%s is indented as JSON.stringify does it', (text) => {
  expect(prettyJson(text)).toBe(JSON.stringify(JSON.parse(text), null, 2));
});

test('numbers, the order of keys and duplicates stay as they came', () => {
  expect(prettyJson('{"2":1,"1":12345678901234567890,"1":1.0}')).toBe(
    '{\n  "2": 1,\n  "1": 12345678901234567890,\n  "1": 1.0\n}',
  );
});

test('what is no JSON stays as it is', () => {
  expect(prettyJson('<b>{</b>')).toBe('<b>{</b>');
});
