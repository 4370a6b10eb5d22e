import { maxEventDepth, maxEventsPerRequest } from '@postrider/contracts';
import { expect, test } from '@jest/globals';
import { canonicalContent } from '../src/accept/canonical-json.policy.js';
import { decodeUtf8, maxEventsInArray, readEvent, readEvents } from '../src/accept/event-json.policy.js';
import { maxJsonDepth } from '../src/accept/json-scanner.policy.js';
import { randomJson, seededRandom } from './random-json.js';

/** What a text is refused for: code and pointer. */
function refusal(text: string, read: typeof readEvent | typeof readEvents = readEvent): string {
  const result = read(text);
  return result.ok ? 'ok' : `${result.problem.code} ${result.problem.pointer}`;
}

function event(text: string) {
  const result = readEvent(text);
  if (!result.ok) throw new Error(result.problem.detail);
  return result.event;
}

function parses(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

const utf8 = (text: string) => new TextEncoder().encode(text);
const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);

test('the limits are those of the contracts', () => {
  expect([maxJsonDepth, maxEventsInArray]).toEqual([maxEventDepth, maxEventsPerRequest]);
});

test('Data and PreviousData come as published, the rest parsed', () => {
  const data = '{ "b":1.0, "a" : 12345678901234567890,\n"10":[1e2, "\\u0041\\/\\ud800"],"2":{"b":1,"b":2} }';
  const read = event(
    ` {"Id":"e1","Data" : ${data} ,"CreatedAt":1.5e3,"PreviousData": null,"Actor":{"Id":"\\u0055"}}\n`,
  );
  expect(read.data).toEqual({ text: data, kind: 'object' });
  expect(read.previousData).toEqual({ text: 'null', kind: 'null' });
  expect(read.members).toEqual({ Id: 'e1', CreatedAt: 1500, Actor: { Id: 'U' } });
  expect([...read.keys]).toEqual(['Id', 'Data', 'CreatedAt', 'PreviousData', 'Actor']);
});

test.each([
  ['{}', 'object'],
  ['[]', 'array'],
  ['"{}"', 'string'],
  ['-0.5e-7', 'number'],
  ['true', 'boolean'],
  ['false', 'boolean'],
  ['null', 'null'],
])('Data may be any kind for the caller to judge: %s is %s', (text, kind) => {
  expect(event(`{"Data":${text}}`).data).toEqual({ text, kind });
  expect(event(`{"D\\u0061ta":${text}}`).data).toEqual({ text, kind });
  expect(event('{}').data).toBeUndefined();
});

/** Around the length at which a string is no longer looked at character by character, and whether JSON.parse takes it. */
test.each([
  ['nothing else', '', true],
  ['two-byte characters', 'é\u2028\uffff😀', true],
  ['an escape', '\\u0041', true],
  ['an escaped quote and backslash', '\\"\\\\', true],
  ['a lone surrogate', '\ud800', true],
  ['DEL', '\u007f', true],
  ['a line feed', '\n', false],
  ['NUL', '\u0000', false],
  ['the last control character', '\u001f', false],
  ['a wrong escape', '\\x', false],
  ['a quote', '"', false],
])('a string of any length with %s is judged as JSON.parse judges it', (_, middle, isValid) => {
  for (const before of [0, 1, 62, 63, 64, 65, 66, 127, 128, 129, 1_000]) {
    for (const after of [0, 1, 63, 64, 65, 1_000]) {
      const text = `{"Data":"${'x'.repeat(before)}${middle}${'y'.repeat(after)}"}`;
      const { ok } = readEvent(text);
      expect([before, after, ok]).toEqual([before, after, isValid]);
      expect(parses(text)).toBe(isValid);
      if (ok) expect(event(text).data?.text).toBe(text.slice('{"Data":'.length, -1));
      expect(readEvent(text.slice(0, -2)).ok).toBe(false);
    }
  }
});

test('__proto__ and constructor are keys like any other', () => {
  const { members, keys } = event('{"__proto__":{"polluted":1},"constructor":2,"Data":{"__proto__":3}}');
  expect(Object.keys(members)).toEqual(['__proto__', 'constructor']);
  expect([...keys]).toEqual(['__proto__', 'constructor', 'Data']);
  expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
});

test.each([
  ['{"a":1,"a":2}', 'duplicate_key /a'],
  ['{"Data":{},"\\u0044ata":{}}', 'duplicate_key /Data'],
  ['{"__proto__":1,"__proto__":1}', 'duplicate_key /__proto__'],
  ['{"a/b~c":1,"a/b~c":1}', 'duplicate_key /a~1b~0c'],
  ['{"":1,"":1}', 'duplicate_key /'],
  ['{"é":1,"\\u00e9":1}', 'duplicate_key /é'],
  [`{"${'k'.repeat(300)}":1,"${'k'.repeat(300)}":1}`, 'duplicate_key '],
  ['{"é":1,"e\\u0301":1,"a":1,"A":1,"Data":{"a":1,"a":2}}', 'ok'],
  ['{"a":1,"a":2', 'malformed_json '], // no JSON comes before all else
  ['[]', 'invalid_fields '],
  ['"text"', 'invalid_fields '],
  ['null', 'invalid_fields '],
  ['[1,]', 'malformed_json '],
  [`{${Array.from({ length: 64 }, (_, i) => `"k${i}":1`).join()}}`, 'ok'],
  [`{${Array.from({ length: 65 }, (_, i) => `"k${i}":1`).join()}}`, 'invalid_fields '],
  [`{"Data":${nested(63)}}`, 'ok'],
  [`{"Data":${nested(64)}}`, 'too_deep /Data'],
  [`{"Da/ta":${nested(64)}}`, 'too_deep /Da~1ta'],
  [`{"Data":${'{"a":'.repeat(62)}{}${'}'.repeat(62)}}`, 'ok'],
  [`{"Data":${'{"a":'.repeat(63)}{}${'}'.repeat(63)}}`, 'too_deep /Data'],
  [nested(65), 'too_deep '],
  ['\ufeff{}', 'malformed_json '],
])('one event %s: %s', (text, expected) => {
  expect(refusal(text)).toBe(expected);
});

test.each([
  ['{"Data":{}}', 'ok'],
  [' [ {"Data":{}} , {} ] ', 'ok'],
  [`[${Array(100).fill('{}').join()}]`, 'ok'],
  [`[${Array(101).fill('{}').join()}]`, 'invalid_fields '],
  [`[${Array(101).fill('{}').join()}`, 'malformed_json '],
  ['[]', 'invalid_fields '],
  ['7', 'invalid_fields '],
  ['[{},7]', 'invalid_fields /1'],
  ['[{},[{}]]', 'invalid_fields /1'],
  ['[{},null,{"a":1,"a":1}]', 'invalid_fields /1'], // the first is told
  ['[{},{"a":1,"a":1}]', 'duplicate_key /1/a'],
  [`[{},{},{"Data":${nested(63)}}]`, 'ok'], // the outer array does not count
  [`[{},{},{"Data":${nested(64)}}]`, 'too_deep /2/Data'],
  [`[{},${nested(65)}]`, 'too_deep /1'],
  ['[{}', 'malformed_json '],
  ['[{}]]', 'malformed_json '],
])('over HTTP %s: %s', (text, expected) => {
  expect(refusal(text, readEvents)).toBe(expected);
});

test('an array says that it is one', () => {
  expect(readEvents('[{"Id":"a"},{"Id":"b"}]')).toMatchObject({ isArray: true, events: [{}, {}] });
  expect(readEvents('{"Id":"a"}')).toMatchObject({ isArray: false, events: [{ members: { Id: 'a' } }] });
});

test('a syntax error is told with its place and nothing of the content', () => {
  expect(readEvent('{"secret": 1,\n "Data": tru}')).toEqual({
    ok: false,
    problem: {
      code: 'malformed_json',
      pointer: '',
      detail: 'is not valid JSON: expected a value at line 2, column 10',
    },
  });
});

test('bytes must be UTF-8 without a byte order mark', () => {
  const bad = [
    [0xef, 0xbb, 0xbf, 0x7b, 0x7d],
    [0xff],
    [0xc0, 0x80],
    [0xed, 0xa0, 0x80],
    [0xf4, 0x90, 0x80, 0x80],
    [0xe2, 0x82],
  ];
  for (const bytes of [...bad, [0xfe, 0xff, 0, 0x7b]]) {
    expect(decodeUtf8(Uint8Array.from(bytes))).toMatchObject({
      ok: false,
      problem: { code: 'malformed_json' },
    });
    expect(decodeUtf8(utf8('{"é":"💩\u0000\ufeff"}'))).toEqual({ ok: true, text: '{"é":"💩\u0000\ufeff"}' });
  }
});

test('takes exactly what JSON.parse takes', () => {
  const random = seededRandom(11);
  const scraps = [
    ...'{}[]",:\\/0123456789.-+eEtrufalsn \t\n\u0000\u001f\u007f\u00a0\u2028\ufeffé',
    '\\u00',
    'null',
    '1e',
    '"a":',
    '\ud800',
  ];
  const disagreements: string[] = [];
  let [valid, invalid] = [0, 0];
  for (let i = 0; i < 40_000; i++) {
    let text = `{"v":${randomJson(random).text}}`;
    for (let edits = random(3); edits > 0; edits--) {
      const at = random(text.length + 1);
      text = text.slice(0, at) + (scraps[random(scraps.length)] ?? '') + text.slice(at + random(3));
    }
    let parsed = true;
    try {
      JSON.parse(text);
    } catch {
      parsed = false;
    }
    if (parsed) valid++;
    else invalid++;
    if (refusal(text).startsWith('malformed_json') === parsed) disagreements.push(text);
  }
  expect(disagreements).toEqual([]);
  expect(Math.min(valid, invalid)).toBeGreaterThan(5_000);
});

test('slices are what was written, whatever stands around them', () => {
  const random = seededRandom(12);
  for (let i = 0; i < 3_000; i++) {
    const [data, previous, other] = [
      randomJson(random).text,
      randomJson(random).text,
      randomJson(random).text,
    ];
    const space = ['', ' ', '\n\t '][random(3)];
    const members = [
      `"Data"${space}:${space}${data}`,
      `"PreviousData":${previous}`,
      `${space}"Other":${other}`,
    ];
    const read = event(`{${members.sort(() => random(3) - 1).join(`${space},`)}}`);
    expect([read.data?.text, read.previousData?.text]).toEqual([data, previous]);
    expect(read.members).toEqual({ Other: JSON.parse(other) as unknown });
  }
});

test('content is the same however it is written, and differs when a value does', () => {
  const random = seededRandom(13);
  for (let i = 0; i < 5_000; i++) {
    const { text, rewrite, change } = randomJson(random);
    const canonical = canonicalContent(text);
    expect([text, canonicalContent(rewrite())]).toEqual([text, canonical]);
    expect(canonicalContent(canonical)).toBe(canonical);
    expect([text, canonicalContent(change())]).not.toEqual([text, canonical]);
  }
});

test.each([
  ['1.0', '1', true],
  ['1e2', '100', true],
  ['0.001E+5', '100', true],
  ['-0', '0.00e5', true],
  ['-1', '1', false],
  ['12345678901234567890', '12345678901234567891', false],
  ['0.1', '0.10000000000000000001', false],
  ['1e400', '1e401', false],
  ['10e99999999999999999999', '1e100000000000000000000', true],
  ['1e-99999999999999999999', '10e-100000000000000000000', true],
  ['1', '"1"', false],
  ['[1,2]', '[2,1]', false],
  ['[]', '{}', false],
  ['[null]', '[]', false],
  ['{"a":1,"b":2}', ' { "b" : 2 , "\\u0061":1.0 } ', true],
  ['{"a":1,"a":2}', '{"a":2}', false], // all duplicates are kept,
  ['{"a":1,"a":2}', '{"a":2,"a":1}', false], // in their order
  ['{"a":1,"b":0,"a":2}', '{"b":0,"a":1,"a":2}', true],
  ['{"10":1,"9":1}', '{"9":1,"10":1}', true],
  ['"\\ud800"', '"\\uD800"', true],
  ['"\\ud83d\\udca9"', '"💩"', true],
  ['"\\ud83d"', '"\\udca9"', false],
  ['"\\/"', '"/"', true],
  ['"é"', '"e\\u0301"', false],
  ['"a"', '"A"', false],
  ['"\\n"', '"\\u000A"', true],
  ['{"a":{"b,\\"c":1}}', '{"a":{"b":1,"c":1}}', false],
])('%s and %s are the same content: %p', (left, right, same) => {
  expect(canonicalContent(left) === canonicalContent(right)).toBe(same);
});

test('canonicalContent of what is no JSON throws', () => {
  for (const text of ['', '{', '1 2', nested(65)]) expect(() => canonicalContent(text)).toThrow();
});

const hostile: readonly (readonly [string, (size: number) => string])[] = [
  ['open brackets', (size) => '['.repeat(size)],
  ['open objects', (size) => '{"a":'.repeat(size / 5)],
  ['empty arrays', (size) => `{"Data":[${'[],'.repeat(size / 3)}0]}`],
  ['lone surrogates', (size) => `{"Data":"${'\\ud800'.repeat(size / 6)}"}`],
  ['backslashes', (size) => `{"Data":"${'\\\\'.repeat(size / 2)}"}`],
  ['an open string', (size) => `{"Data":"${'x'.repeat(size)}`],
  ['__proto__ keys', (size) => `{"Data":{${'"__proto__":1,'.repeat(size / 14)}"a":1}}`],
  ['many keys', (size) => `{${Array.from({ length: size / 12 }, (_, i) => `"key${i}":{}`).join()}}`],
  ['digits', (size) => `{"Data":[${'9'.repeat(size / 2)}e${'9'.repeat(size / 2)}]}`],
  ['zeros', (size) => `{"Data":[0.${'0'.repeat(size)}e-1]}`],
  ['white space', (size) => `{"Data":${' '.repeat(size)}{}}`],
  ['line ends', (size) => `{"Data":${'\n'.repeat(size)}`],
];

test.each(hostile)('10 MB of %s take a fraction of a second for each MB', (_name, make) => {
  const text = make(10_000_000);
  // Of the processor: a busy machine says nothing about the reader.
  const before = process.cpuUsage();
  for (const read of [readEvent(text), readEvents(text)]) {
    if (read.ok && 'event' in read && read.event.data !== undefined) canonicalContent(read.event.data.text);
  }
  const { user, system } = process.cpuUsage(before);
  expect((user + system) / 1_000).toBeLessThan(12_000); // measured: at most 1,300; anything quadratic takes hours
});
