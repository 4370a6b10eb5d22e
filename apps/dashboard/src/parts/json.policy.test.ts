import { expect, test } from '@jest/globals';
import { memberTexts, prettyJson } from './json.policy.js';

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

test('members keep their digits and the order of their keys', () => {
  const data = '{"2": 1.0, "1": 12345678901234567890, "x": {"Data": ",}"}}';
  const members = memberTexts(
    `{"Id":"a, \\"b\\"","Data":${data} ,"PreviousData" : null,"Webhooks":[{"Data":1}]}`,
  );
  expect([...members]).toEqual([
    ['Id', '"a, \\"b\\""'],
    ['Data', data],
    ['PreviousData', 'null'],
    ['Webhooks', '[{"Data":1}]'],
  ]);
});

test('what is no object has no members', () => {
  expect(memberTexts('[1,2]').size).toBe(0);
  expect(memberTexts('').size).toBe(0);
});
