import { expect, test } from '@jest/globals';
import { ExactNumber, parseJsonValue } from './json-value.policy.js';

test('numbers that a double would round come as published, all others as usual', () => {
  const text = `{"Id": 12345678901234567890, "Price": 0.10000000000000000001, "Huge": 1e400, "Tiny": 1e-400,
    "Small": 12, "Half": 0.5, "List": [9007199254740993, 1, {"N": -1.5E+300}], "Text": "1234567890123456789 \\" \\\\"}`;
  expect(parseJsonValue(text)).toEqual({
    Id: new ExactNumber('12345678901234567890'),
    Price: new ExactNumber('0.10000000000000000001'),
    Huge: new ExactNumber('1e400'),
    Tiny: new ExactNumber('1e-400'),
    Small: 12,
    Half: 0.5,
    List: [new ExactNumber('9007199254740993'), 1, { N: new ExactNumber('-1.5E+300') }],
    Text: '1234567890123456789 " \\',
  });
});

test('everything else is read as JSON.parse reads it', () => {
  let seed = 3;
  const random = (below: number) => (seed = (Math.imul(seed, 1103515245) + 12345) >>> 0) % below;
  const space = () => ['', '', ' ', '\n\t', '\r'][random(5)] ?? '';
  const string = () =>
    ['""', '"a"', '"\\\\"', '"\\""', '"\\u0000\\ud800"', '"__proto__"', '"},{"', '"é💩"'][random(8)] ?? '';
  function value(depth: number): string {
    const kind = random(depth > 5 ? 4 : 6);
    const items = Array.from({ length: random(4) }, () => space() + value(depth + 1) + space());
    if (kind === 4) return `[${items.join(',') || space()}]`;
    if (kind === 5) return `{${items.map((item) => `${space()}${string()}${space()}:${item}`).join(',')}}`;
    return [string(), String(random(1e6)), 'true', 'null'][kind] ?? '';
  }
  for (let i = 0; i < 3_000; i++) {
    const text = value(0);
    // The long string sends all of it through the exact reader.
    expect(parseJsonValue(`[${text},"1234567890123456"]`)).toEqual([JSON.parse(text), '1234567890123456']);
  }
});

test('text that is no JSON throws', () => {
  for (const text of ['', '{', '[1234567890123456', '{"a" 1234567890123456}', '"1234567890123456']) {
    expect(() => parseJsonValue(text)).toThrow(SyntaxError);
  }
});
