import { afterEach, expect, jest, test } from '@jest/globals';
import type { FilterRule } from '@postrider/contracts';
import { RE2Set } from 're2js';
import { filterableEvent } from './field.policy.js';
import { compileFilter, evaluate, type CompiledFilter } from './filter.policy.js';

afterEach(() => {
  jest.restoreAllMocks();
});

const matches = (Field: string, Value: string): FilterRule => ({ Field, Operator: 'matches', Value });

/** Numbers that are the same in every run with the same seed. */
function randomOf(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** With letters that fold in odd ways (K is also the sign for kelvin, s the long s), pairs of surrogates and halves of them. */
const letters = [
  'a',
  'b',
  'k',
  'K',
  '\u212a',
  's',
  'S',
  '\u017f',
  'é',
  'É',
  'ß',
  '💩',
  '\ud83d',
  '7',
  '-',
  ' ',
  '\n',
  '_',
];
const classes = ['.', '\\d', '\\w', '\\W', '\\s', '\\pL', '\\p{Lu}', '[a-k]', '[^ab]', '(?i:[k-s])', '[é💩]'];
const anchors = ['^', '$', '\\b', '\\B', '\\A', '\\z', '(?m:^)', '(?m:$)'];
const repeats = ['*', '+', '?', '{2}', '{1,3}', '{0,2}', '*?', '+?'];

function randomPattern(random: (below: number) => number): string {
  const one = (list: readonly string[]) => list[random(list.length)] ?? '';
  const part = (depth: number): string => {
    const kind = random(10);
    if (kind < 5 || depth > 3) return one(letters);
    if (kind === 5) return one(classes);
    if (kind === 6) return one(anchors);
    const inner = () => Array.from({ length: 1 + random(3) }, () => part(depth + 1)).join('');
    if (kind === 7) return `\\Q${one(letters)}${one(letters)}.\\E`;
    if (kind === 8) return `(${inner()}|${inner()}${random(4) === 0 ? '|' : ''})`;
    return `(?${one(['', 'i', 's', 'i-s'])}:${inner()})${one(repeats)}`;
  };
  const whole = Array.from({ length: 1 + random(5) }, () => part(0)).join('');
  return (
    one(['', '', '', '(?i)', '(?i)', '(?i)^', '^', '(?is)']) +
    whole +
    one(['', '', '', '$', '(?i)k', `|${part(0)}`])
  );
}

function randomValue(random: (below: number) => number): unknown {
  const ascii = random(2) === 0;
  const text = () =>
    Array.from({ length: random(12) }, () => letters[random(letters.length)] ?? '')
      .filter((letter) => !ascii || letter < '\x80')
      .join('');
  switch (random(12)) {
    case 0:
      return [text(), null, { a: 'a' }, 7, text(), text()];
    case 1:
      return [`${'x'.repeat(4_090)}${text()}`, text(), text()];
    case 2:
      return `${'b'.repeat(4_090)}${text()}`;
    case 3:
      return [77, true, null, -7, { k: 'k' }][random(5)];
    default:
      return text();
  }
}

function plainSet(pattern: string): RE2Set {
  const set = new RE2Set();
  set.add(pattern);
  return set;
}

/** What `matches` means, without any short cut: every text that is looked at, searched by an automaton of its own. */
function plainly(set: RE2Set, value: unknown): boolean {
  let left = 4_096;
  return (Array.isArray(value) ? (value as unknown[]) : [value]).some((element) => {
    if (!['string', 'number', 'boolean'].includes(typeof element) || left <= 0) return false;
    const text = String(element).slice(0, left);
    left -= Math.max(1, text.length);
    return set.match(text).length > 0;
  });
}

test.each([1, 2, 3, 4])('what is answered is what RE2 answers alone, with seed %d', (seed) => {
  const random = randomOf(seed);
  const patterns = Array.from({ length: 100 }, () => randomPattern(random));
  const filters = patterns.map((pattern) => compileFilter([matches(`Data.T${seed}`, pattern)]));
  const alone = patterns.map(plainSet);
  let held = 0;
  for (let n = 0; n < 150; n += 1) {
    const data = JSON.stringify({ [`T${seed}`]: randomValue(random) });
    const event = filterableEvent(data);
    const value = (JSON.parse(data) as Record<string, unknown>)[`T${seed}`];
    patterns.forEach((pattern, index) => {
      const { passes } = evaluate(filters[index] as CompiledFilter, event);
      const expected = plainly(alone[index] as RE2Set, value);
      if (passes) held += 1;
      if (passes !== expected) throw new Error(`${JSON.stringify(pattern)} on ${data}: ${passes}`);
    });
  }
  // Neither all nor none: both answers have been compared many times.
  expect(held).toBeGreaterThan(1_000);
  expect(held).toBeLessThan(14_000);
});

test.each([
  ['(?i)(ab|\u212ay)', 'KY', true],
  ['(?i)x(ab|\u017f)', 'xS', true],
  ['(?i)kelvin', '\u212aELVIN', true],
  ['(?i)kelvin', 'kelwin', false],
  ['(?i)mass', 'ma\u017f\u017f', true],
  ['(?i)straße', 'STRASSE', false],
  ['(?i)É', 'é', true],
  ['(?i)a(?-i)b', 'AB', false],
  ['(?i)a(?-i)b', 'Ab', true],
  ['(?i)', '', true],
  ['(ab)?', '', true],
  ['ab|', 'x', true],
  ['(?:ab){0}c', 'c', true],
  ['(?:ab){2}', 'ab', false],
  ['a\\Q.b\\E+', 'a.bb', true],
  ['\\x{1f4a9}b', '💩b', true],
  ['[a]b|[b]c', 'bc', true],
])('%j on %j: %p, whichever way it takes', (pattern, text, expected) => {
  const filter = compileFilter([matches('Data.W', pattern)]);
  expect(evaluate(filter, filterableEvent(JSON.stringify({ W: text }))).passes).toBe(expected);
});

/** How many automata ran for the last of so many events. */
function searchesPerEvent(
  filters: readonly CompiledFilter[],
  events: number,
  dataOf: (n: number) => object,
): number {
  const search = jest.spyOn(RE2Set.prototype, 'match');
  for (let n = 0; n < events; n += 1) {
    search.mockClear();
    const event = filterableEvent(JSON.stringify(dataOf(n)));
    for (const filter of filters) evaluate(filter, event);
  }
  return search.mock.calls.length;
}

test.each([
  ['whose characters are missing', (n: number) => `^(job|task)-${n}$`, 3],
  ['without case, whose characters are missing', (n: number) => `(?i)^(job|task)-${n}$`, 3],
  ['of classes', (n: number) => `^\\w+-${String(n).replaceAll(/\d/g, '[$&x]')}$`, Math.ceil(320 / 16)],
  [
    'whose characters are in most values',
    (n: number) => `^job-${String(n).replaceAll(/\d/g, '[$&x]')}$`,
    Math.ceil(320 / 16),
  ],
])('320 patterns %s need few automata', (name, patternOf, most) => {
  const field = `Data.${name.replaceAll(/\W/g, '')}`;
  const filters = Array.from({ length: 320 }, (_, n) =>
    compileFilter([matches(field, patternOf(1_000 + n))]),
  );
  const searches = searchesPerEvent(filters, 200, (n) => ({ [field.slice(5)]: `job-${1_000 + n}` }));
  expect(searches).toBeGreaterThan(0);
  expect(searches).toBeLessThanOrEqual(most);
});

test('patterns that explode together go back to being alone', () => {
  const random = randomOf(1);
  const filters = Array.from({ length: 16 }, (_, n) =>
    compileFilter([matches('Data.AB', `[ab]*a[ab]{${n + 5}}[^ab]`)]),
  );
  const text = () => Array.from({ length: 40 }, () => 'ab'[random(2)]).join('');
  expect(searchesPerEvent(filters, 65, () => ({ AB: text() }))).toBe(1);
  expect(searchesPerEvent(filters, 130, () => ({ AB: text() }))).toBe(16);
});

test('a large pattern shares with nobody', () => {
  const filters = Array.from({ length: 16 }, (_, n) =>
    compileFilter([matches('Data.L', `[^xy]{300}[${n}a]`)]),
  );
  expect(searchesPerEvent(filters, 70, () => ({ L: 'b' }))).toBe(16);
});

test('hostile patterns on 100,000 characters are answered in milliseconds, alone and together', () => {
  const patterns = [
    '(a+)+$',
    '(a|a)*$',
    '(a|aa)+$',
    '(a*)*$',
    '([a-z]+)*$',
    '(.*a)+$',
    '(?:a+){1,9}$',
    '(\\w+\\s?)*$',
  ].flatMap((pattern) => [pattern, `^${pattern}`]);
  const filters = patterns.map((pattern) => compileFilter([matches('Data.H', pattern)]));
  const text = `${'a'.repeat(4_000)}!${'a'.repeat(96_000)}`;
  const expected = patterns.map((pattern) => plainly(plainSet(pattern), text));
  expect(new Set(expected).size).toBe(2);
  const before = process.cpuUsage();
  for (let n = 0; n < 100; n += 1) {
    const event = filterableEvent(JSON.stringify({ H: text }));
    expect(filters.map((filter) => evaluate(filter, event).passes)).toEqual(expected);
  }
  const { user, system } = process.cpuUsage(before);
  // Of the processor, per event, for all 16.
  expect((user + system) / 1_000 / 100).toBeLessThan(100);
});

test('what was asked of one event is not answered for the next, nor where events have no number', () => {
  const filters = Array.from({ length: 16 }, (_, n) =>
    compileFilter([matches('Data.N', `^[${'abcdefghijklmnop'[n]}]+[0-9]$`)]),
  );
  const verdicts = (N: unknown, numbered = true) => {
    const event = filterableEvent(JSON.stringify({ N }));
    const asked = numbered ? event : { Data: event.Data, Resource: null, Actor: null };
    return filters.map((filter) => Number(evaluate(filter, asked).passes)).join('');
  };
  for (let n = 0; n < 70; n += 1) expect(verdicts('cc1')).toBe('0010000000000000');
  expect(verdicts('p1')).toBe('0000000000000001');
  expect(verdicts('a1', false)).toBe('1000000000000000');
  expect(verdicts(['b1', 'c1', 'd'])).toBe('0110000000000000');
  expect(verdicts(null)).toBe('0000000000000000');
  expect(verdicts('q1')).toBe('0000000000000000');
});
