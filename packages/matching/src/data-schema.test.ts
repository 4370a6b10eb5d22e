import { describe, expect, test } from '@jest/globals';
import { compileDataSchema, InvalidDataSchemaError } from './data-schema.js';

const order = compileDataSchema({
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  type: 'object',
  required: ['Id'],
  properties: {
    Id: { type: 'string', pattern: '^[a-z]+$' },
    Lines: { type: 'array', items: { type: 'object', required: ['a/b'] } },
    Mail: { format: 'email' },
  },
  additionalProperties: false,
});

describe('an event', () => {
  test.each<[object, string | null]>([
    [{ Id: 'abc' }, null],
    [{ Id: 'abc', Lines: [{ 'a/b': 1 }] }, null],
    [{ Id: 'abc', Mail: 'formats are annotations' }, null],
    [{}, '/Id'],
    [{ Id: 1 }, '/Id'],
    [{ Id: 'ABC' }, '/Id'],
    [{ Id: 'abc', Lines: [{ 'a/b': 1 }, {}] }, '/Lines/1/a~1b'],
    [{ Id: 'abc', 'x~y': 1 }, '/x~0y'],
    [JSON.parse('{"Id":"abc","__proto__":1}') as object, '/__proto__'],
  ])('%j: %s', (data, pointer) => {
    expect(order(data)?.pointer ?? null).toBe(pointer);
  });

  test('makes no pattern take long', () => {
    const validate = compileDataSchema({ properties: { a: { pattern: '^(a+)+$' } } });
    const startedMs = performance.now();
    expect(validate({ a: `${'a'.repeat(100_000)}!` })?.pointer).toBe('/a');
    expect(performance.now() - startedMs).toBeLessThan(5_000);
  });
});

test('draft-07 is read as such', () => {
  const validate = compileDataSchema({
    $schema: 'http://json-schema.org/draft-07/schema#',
    properties: { pair: { items: [{ type: 'string' }, { type: 'number' }] } },
  });
  expect(validate({ pair: ['a', 1] })).toBeNull();
  expect(validate({ pair: ['a', 'b'] })?.pointer).toBe('/pair/1');
});

test.each<[string, Record<string, unknown>]>([
  ['an unknown type', { type: 'objekt' }],
  ['a reference to elsewhere', { $ref: 'https://example.com/schema.json' }],
  ['a draft that nobody knows', { $schema: 'https://example.com/draft' }],
  ['a pattern that RE2 does not take', { properties: { a: { pattern: '(?=x)' } } }],
  ['comparing every item with every other', { properties: { a: { uniqueItems: true } } }],
  ['being asynchronous', { $async: true }],
])('%s is refused', (_what, schema) => {
  expect(() => compileDataSchema(schema)).toThrow(InvalidDataSchemaError);
});
