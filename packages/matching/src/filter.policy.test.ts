import type { FilterRule } from '@postrider/contracts';
import { expect, test } from '@jest/globals';
import { filterableEvent } from './field.policy.js';
import { compileFilter, evaluate, InvalidFilterError, validateFilter } from './filter.policy.js';

type Operator = FilterRule['Operator'];
type Value = FilterRule['Value'];

const rule = (Field: string, Operator: Operator, Value: Value): FilterRule => ({ Field, Operator, Value });

/** Does one rule hold for an event with this Data (JSON text)? */
function holds(field: string, operator: Operator, value: Value, data: string): boolean {
  return evaluate(compileFilter([rule(field, operator, value)]), filterableEvent(data)).passes;
}

// The field's JSON text (undefined: missing), the operators that hold for the Value, those that do not.
// `is_not` and `not_contains` are checked to be the opposites throughout.
const table: readonly (readonly [string | undefined, Value, string, string])[] = [
  // string
  ['"abc"', 'abc', 'is contains starts_with ends_with matches', ''],
  ['"abc"', 'b', 'contains matches', 'is starts_with ends_with'],
  ['"abc"', 'ab', 'contains starts_with matches', 'is ends_with'],
  ['"abc"', 'bc', 'contains ends_with matches', 'is starts_with'],
  ['"abc"', 'ABC', '', 'is contains starts_with ends_with matches'],
  ['"abc"', '^a.c$', 'matches', 'is contains starts_with ends_with'],
  ['""', 'a', '', 'is contains starts_with ends_with matches'],
  ['"5"', 5, 'is contains starts_with ends_with', ''],
  ['"5.0"', 5, 'is contains starts_with', 'ends_with'],
  ['"5.0"', '5', 'contains starts_with matches', 'is ends_with'], // two texts: by character
  ['"05"', 5, 'contains ends_with', 'is starts_with'],
  ['"true"', true, 'is contains starts_with ends_with', ''],
  ['"null"', null, '', 'is'],
  ['"12345678901234567890"', '12345678901234567890', 'is', ''],
  // unicode: as published, nothing folded or normalized
  ['"Jos\\u00e9 💩"', 'José 💩', 'is contains starts_with ends_with matches', ''],
  ['"Jose\\u0301"', 'José', '', 'is contains starts_with ends_with'],
  ['"💩"', '^.$', 'matches', ''],
  ['"\\ud83d"', '💩', '', 'is contains starts_with ends_with matches'],
  ['"İstanbul"', 'istanbul', '', 'is contains starts_with ends_with'],
  ['"a\\u0000b"', 'a\0b', 'is contains starts_with ends_with matches', ''],
  ['"مرحبا"', 'مر', 'contains starts_with matches', 'is ends_with'],
  // number
  ['5', 5, 'is contains starts_with ends_with', ''],
  ['5', '5', 'is contains starts_with ends_with matches', ''],
  ['5.0', '5', 'is contains starts_with ends_with matches', ''],
  ['5', '5.00', 'is', 'contains starts_with ends_with'],
  ['5e3', 5000, 'is contains', ''],
  ['5000', '5e3', 'is', 'contains'],
  ['5', '05', '', 'is contains'],
  ['5', ' 5', '', 'is contains'],
  ['-0', 0, 'is', ''],
  ['150', 5, 'contains', 'is starts_with ends_with'],
  ['0.1', 0.1, 'is', ''],
  ['0.1', '0.10', 'is', ''],
  ['1', true, '', 'is contains'],
  ['0', null, '', 'is'],
  ['12345678901234567890', '12345678901234567890', 'is contains starts_with ends_with matches', ''],
  ['12345678901234567890', '12345678901234567891', '', 'is contains'],
  ['12345678901234567891', '12345678901234567890', '', 'is contains'],
  ['1234567890123456789e1', '12345678901234567890', 'is', 'contains'],
  ['12345678901234567890.0', '12345678901234567890', 'is contains starts_with', 'ends_with'],
  ['9007199254740993', 9007199254740991, '', 'is'],
  ['9007199254740993', '9007199254740992', '', 'is'],
  ['1.0000000000000000000000', 1, 'is', ''],
  ['1.0000000000000000000001', 1, '', 'is'],
  ['1e400', '1e400', 'is', ''],
  ['1e401', '1e400', '', 'is'],
  // boolean
  ['true', true, 'is contains starts_with ends_with', ''],
  ['true', 'true', 'is contains starts_with ends_with matches', ''],
  ['true', false, '', 'is contains'],
  ['false', 'fal', 'contains starts_with matches', 'is ends_with'],
  ['true', 1, '', 'is contains'],
  ['false', null, '', 'is'],
  // null
  ['null', null, 'is', ''],
  ['null', 'null', '', 'is contains starts_with ends_with matches'],
  ['null', '', '', 'is'],
  ['null', 0, '', 'is contains'],
  ['null', false, '', 'is contains'],
  // array: any element, one level
  ['["a","bcd"]', 'a', 'is contains starts_with ends_with matches', ''],
  ['["a","bcd"]', 'bc', 'contains starts_with matches', 'is ends_with'],
  ['["a","bcd"]', 'abcd', '', 'is contains starts_with ends_with matches'],
  ['[1,2.0,null]', 2, 'is contains starts_with ends_with', ''],
  ['[1,2,null]', null, 'is', ''],
  ['[[1],{"a":1}]', 1, '', 'is contains starts_with ends_with'],
  ['[]', 'a', '', 'is contains starts_with ends_with matches'],
  ['[12345678901234567890]', '12345678901234567890', 'is contains', ''],
  // object
  ['{}', 'a', '', 'is contains starts_with ends_with matches'],
  ['{"a":"a"}', 'a', '', 'is contains starts_with ends_with matches'],
  ['{}', null, '', 'is'],
  // missing
  [undefined, 'undefined', '', 'is contains starts_with ends_with matches'],
  [undefined, null, '', 'is'],
  [undefined, false, '', 'is contains'],
  [undefined, '.*', '', 'matches'],
];

test.each(table)('%s with %j: holds %p, not %p', (field, value, holding, failing) => {
  const data = field === undefined ? '{"Other":"undefined"}' : `{"Field": ${field}}`;
  const verdicts = (operators: string) =>
    operators
      .split(' ')
      .flatMap((name) => (name === '' ? [] : [[name, holds('Data.Field', name as Operator, value, data)]]));
  for (const verdict of verdicts(holding)) expect(verdict).toEqual([verdict[0], true]);
  for (const verdict of verdicts(failing)) expect(verdict).toEqual([verdict[0], false]);
  expect(holds('Data.Field', 'is_not', value, data)).toBe(!holds('Data.Field', 'is', value, data));
  if (value === null || value === '') return;
  expect(holds('Data.Field', 'not_contains', value, data)).toBe(
    !holds('Data.Field', 'contains', value, data),
  );
});

const event = filterableEvent(
  `{"JobId": "j1", "State": "failed", "Target": {"Command": "run", "a/b~c": 1, "": 2}, "Items": [{"Name": "x"}, ["y"]],
    "0": "zero", "constructor": {"name": "mine"}, "__proto__": {"polluted": "own"}, "Twice": 1, "Twice": 2,
    "Länge": 3, "length": "own", "Long": 12345678901234567890}`,
  'JobExecution',
  { Type: 'User', Id: 'u1' },
);

test.each([
  ['JobId', 'j1'],
  ['JobCommand', 'run'],
  ['ExecutionState', 'failed'],
  ['Resource', 'JobExecution'],
  ['Actor.Id', 'u1'],
  ['Actor.Type', 'User'],
  ['Data.JobId', 'j1'],
  ['Data.Target.Command', 'run'],
  ['Data.Target.a/b~c', 1],
  ['Data.Items.0.Name', 'x'],
  ['Data.Items.1', 'y'],
  ['Data.Items.1.0', 'y'],
  ['Data.0', 'zero'],
  ['Data.constructor.name', 'mine'],
  ['Data.__proto__.polluted', 'own'],
  ['Data.Twice', 2],
  ['Data.Länge', 3],
  ['Data.length', 'own'],
])('%s is found', (field, value) => {
  expect(evaluate(compileFilter([rule(field, 'is', value)]), event)).toEqual({ passes: true });
});

const missingFields = `Data.jobid Data.Items.length Data.Items.2 Data.Items.-1 Data.Items.00.Name Data.Items.0x0
  Data.Items.1e0 Data.Items.Name Data.Items.constructor Data.Items.__proto__.length Data.Items.at Data.JobId.0
  Data.JobId.length Data.JobId.constructor Data.toString Data.hasOwnProperty Data.Target.constructor.name
  Data.Target.__proto__ Data.Long.text Data.Long.constructor`;

test.each(missingFields.split(/\s+/))('%s is missing', (field) => {
  for (const operator of ['matches', 'contains', 'starts_with'] as const) {
    expect(
      evaluate(compileFilter([rule(field, operator, operator === 'matches' ? '.*' : 'a')]), event).passes,
    ).toBe(false);
  }
  expect(evaluate(compileFilter([rule(field, 'is_not', 'x')]), event).passes).toBe(true);
});

test('an event without Resource and Actor has null for the one and nothing for the other', () => {
  const bare = filterableEvent('{}');
  expect(evaluate(compileFilter([rule('Resource', 'is', null)]), bare).passes).toBe(true);
  expect(evaluate(compileFilter([rule('Actor.Id', 'is', null)]), bare).passes).toBe(false);
});

test('all rules must hold, the first that does not is named', () => {
  const rules = [rule('JobId', 'is', 'j1'), rule('Resource', 'is', 'no'), rule('JobId', 'is', 'no')];
  expect(evaluate(compileFilter(rules), event)).toEqual({ passes: false, failedRule: 1 });
  expect(evaluate(compileFilter([]), event)).toEqual({ passes: true });
  expect(evaluate(compileFilter(null), event)).toEqual({ passes: true });
});

test('Data is parsed when a rule asks for it, and once', () => {
  let reads = 0;
  const parsed = filterableEvent('{"A":{}}');
  const counted = {
    get Data() {
      reads++;
      return parsed.Data;
    },
    Resource: 'R',
    Actor: null,
  };
  evaluate(compileFilter([rule('Resource', 'is', 'S'), rule('Data.A', 'is', 1)]), counted);
  evaluate(compileFilter(null), counted);
  expect(reads).toBe(0);
  expect(parsed.Data).toBe(parsed.Data);
  expect(() =>
    evaluate(compileFilter([rule('Resource', 'is', 'R')]), filterableEvent('no JSON', 'R')),
  ).not.toThrow();
});

test.each<[FilterRule, string, string]>([
  [rule('', 'is', 1), '/0/Field', '"" is no field'],
  [rule('Data', 'is', 1), '/0/Field', 'is no field'],
  [rule('Data.', 'is', 1), '/0/Field', 'empty part'],
  [rule('Data..A', 'is', 1), '/0/Field', 'empty part'],
  [rule('Data.A.', 'is', 1), '/0/Field', 'empty part'],
  [
    rule('data.A', 'is', 1),
    '/0/Field',
    'use JobId, JobCommand, ExecutionState, Resource, Actor.Id, Actor.Type or',
  ],
  [rule('Actor', 'is', 1), '/0/Field', 'is no field'],
  [rule('Actor.Name', 'is', 1), '/0/Field', 'is no field'],
  [rule('PreviousData.A', 'is', 1), '/0/Field', 'is no field'],
  [rule('__proto__', 'is', 1), '/0/Field', 'is no field'],
  [rule('constructor', 'is', 1), '/0/Field', 'is no field'],
  [rule('JobId', 'is', 9007199254740992), '/0/Value', 'write it as a string'],
  [rule('JobId', 'is_not', -1e300), '/0/Value', 'write it as a string'],
  [rule('JobId', 'contains', null), '/0/Value', 'must be a text for contains'],
  [rule('JobId', 'starts_with', ''), '/0/Value', 'must not be empty for starts_with'],
  [rule('JobId', 'matches', ''), '/0/Value', 'needs a regular expression'],
  [rule('JobId', 'matches', 5), '/0/Value', 'must be a text: a regular expression'],
  [rule('JobId', 'matches', '('), '/0/Value', 'is no regular expression in RE2 syntax: '],
  [rule('JobId', 'matches', '(?=a)'), '/0/Value', 'is no regular expression in RE2 syntax: '],
  [rule('JobId', 'matches', '(a)\\1'), '/0/Value', 'is no regular expression in RE2 syntax: '],
  [rule('JobId', 'matches', '(x{1000}){1000}'), '/0/Value', 'is no regular expression in RE2 syntax: '],
  [rule('JobId', 'matches', '(.?){999}'), '/0/Value', 'is too complex'],
  [rule('JobId', 'matches', 'a'.repeat(257)), '/0/Value', 'is longer than 256 characters'],
])('%j is refused at %s: %s', (wrong, pointer, detail) => {
  expect(validateFilter([wrong])).toEqual([{ pointer, detail: expect.stringContaining(detail) }]);
  expect(() => compileFilter([wrong])).toThrow(InvalidFilterError);
});

test('every problem is told, by the index of its rule', () => {
  const rules = [rule('JobId', 'is', 1), rule('No', 'matches', '['), rule('Data.', 'is', 1)];
  expect(validateFilter(rules).map(({ pointer }) => pointer)).toEqual(['/1/Field', '/1/Value', '/2/Field']);
});

test('20 rules are allowed, as are 256 characters of a pattern', () => {
  const twenty = Array<FilterRule>(20).fill(rule('JobId', 'matches', '💩'.repeat(256)));
  expect(validateFilter(twenty)).toEqual([]);
  expect(validateFilter([...twenty, rule('JobId', 'is', 1)])).toEqual([
    { pointer: '', detail: 'has more than 20 rules' },
  ]);
});

// Each explodes in a backtracking engine, or in the automaton of a careless linear one.
const hostilePatterns = String.raw`(a+)+$ (a|a)*b (a|aa)+$ (.*)*x (?:a?){60}a{60} ^(([a-z])+.)+[A-Z]([a-z])+$ (.*a){20}$
  [ab]*a[ab]{12}[^ab] [ab]*a[ab]{490}[^ab] a[ab]{240}[^ab] (?:a.{0,10}){20}[^ab] (?:.{0,30}a){6}[^ab]$
  (?:.{0,7}a){30}[^ab]$ \b[ab]*a[ab]{100}[^ab] (?i)(\pL+\pN*){20}$ (?i)[\pL\pN]{250}[^ab] (a.{0,40}){2}b$
  [^\PL]{200}[^ab] ${'('.repeat(60)}a${')*'.repeat(60)}b`;

test.each(hostilePatterns.split(/\s+/))('%s is answered in milliseconds', (pattern) => {
  let seed = 1;
  const random = () => (seed = (Math.imul(seed, 1103515245) + 12345) >>> 0) / 2 ** 32;
  const text = Array.from({ length: 250_000 }, () => (random() < 0.5 ? 'a' : 'b')).join('');
  // Of the processor: a busy machine says nothing about a pattern.
  const before = process.cpuUsage();
  const filter = compileFilter([rule('Data.T', 'matches', pattern)]);
  for (const data of [{ T: text }, { T: text.match(/.{64}/g) }, { T: 'a'.repeat(250_000) }]) {
    evaluate(filter, filterableEvent(JSON.stringify(data)));
  }
  const { user, system } = process.cpuUsage(before);
  expect((user + system) / 1_000).toBeLessThan(2_500); // measured: 50..130 for all three; 3,000 and more without bounds
});

test('matches looks at the first 4,096 characters, of an array at those of all elements together', () => {
  const filler = 'x'.repeat(4095);
  expect(holds('Data.T', 'matches', 'y', JSON.stringify({ T: `${filler}y` }))).toBe(true);
  expect(holds('Data.T', 'matches', 'y', JSON.stringify({ T: `x${filler}y` }))).toBe(false);
  expect(holds('Data.T', 'matches', 'y', JSON.stringify({ T: [filler, 'y'] }))).toBe(true);
  expect(holds('Data.T', 'matches', 'y', JSON.stringify({ T: [filler, 'x', 'y'] }))).toBe(false);
});

test('rules that filters share are asked anew for each event, and their neighbours are not confused', () => {
  const same = [rule('JobId', 'matches', '^(a|b)$'), rule('Data.N', 'is', 1)];
  const filters = [
    compileFilter(same),
    compileFilter(same),
    compileFilter([rule('JobId', 'matches', '^b$')]),
  ];
  const verdicts = (data: string) => {
    const one = filterableEvent(data);
    return filters.map((filter) => evaluate(filter, one).passes);
  };
  expect(verdicts('{"JobId":"a","N":1}')).toEqual([true, true, false]);
  expect(verdicts('{"JobId":"b","N":1}')).toEqual([true, true, true]);
  expect(verdicts('{"JobId":"b","N":"1"}')).toEqual([true, true, true]);
  expect(verdicts('{"JobId":"b","N":2}')).toEqual([false, false, true]);
  expect(verdicts('{}')).toEqual([false, false, false]);
});

test.each([
  ['a.b', 'axb', true],
  ['a\\.b', 'axb', false],
  ['a\\.b', 'xa.by', true],
  ['^npm run$', 'npm run', true],
  ['^npm run$', 'npm run ', false],
  ['^npm', 'xnpm', false],
  ['run$', 'npm run', true],
  ['run$', 'run npm', false],
  ['a\\-b', 'a-b', true],
  ['$', 'x', true],
  ['^', '', true],
  ['\\d', '7', true],
  ['\\+\\?', 'a+?b', true],
])('%s on %s: %p, plain or not', (pattern, text, expected) => {
  expect(holds('Data.T', 'matches', pattern, JSON.stringify({ T: text }))).toBe(expected);
});
