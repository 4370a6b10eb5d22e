// Batch parameters on their way through PostgreSQL: what goes in comes out, whatever it is.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '@postrider/test-kit';
import { randomBytes, randomInt } from 'node:crypto';
import type { Pool } from 'pg';
import { arrayParam, packedParam, textArrayParam } from '../src/batch-params.js';
import { newId } from '../src/ids.js';
import { createPool } from '../src/pool.js';

let database: TestDatabase;
let pool: Pool;
beforeAll(async () => {
  database = await createTestDatabase();
  pool = createPool(
    { databaseUrl: database.urlFor('signer'), applicationName: 'params', max: 1 },
    () => undefined,
  );
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

const texts = [
  '',
  ' ',
  'plain',
  'it\'s "quoted" and \\ slashed \\" \\\\',
  '{braces},{and,commas}',
  'NULL',
  'null',
  'line\nbreak\r\n\ttab',
  '\u0001\u001f\u007f\u0085',
  'zażółć gęślą',
  '🚀👩‍👩‍👧‍👦',
  '\u202eright to left\u202c שלום',
  '\ufeffbyte order mark',
  '\uffff\u{10ffff}',
  "$1 $$ %s \\x00 E'\\n'",
  'x'.repeat(300_000),
];
const alphabet = [...'abc {}",\\\'\n\t0é漢🚀N$', 'NULL', '\\x'];
const randomText = (): string =>
  Array.from({ length: randomInt(40) }, () => alphabet[randomInt(alphabet.length)]).join('');

test('packed texts come back as they were, null as NULL', async () => {
  const values = [...texts, null, ...Array.from({ length: 500 }, randomText), null, ''];
  const packed = packedParam(values);
  const result = await pool.query<{ value: string | null }>(
    `SELECT convert_from(substr($1::bytea, o + 1, l), 'UTF8') AS value
     FROM unnest($2::int[], $3::int[]) WITH ORDINALITY AS u (o, l, n) ORDER BY n`,
    [packed.bytes, packed.offsets, packed.lengths],
  );
  expect(result.rows.map(({ value }) => value)).toEqual(values);
});

test('packed bytes come back as they were: NULs, all bytes, none, many', async () => {
  const every = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
  const values = [
    Buffer.alloc(0),
    Buffer.alloc(1),
    Buffer.alloc(1_000),
    every,
    null,
    Buffer.from('\\x00ff'),
    randomBytes(300_000),
    ...Array.from({ length: 300 }, () => randomBytes(randomInt(200))),
  ];
  const packed = packedParam(values);
  const result = await pool.query<{ value: Buffer | null }>(
    `SELECT substr($1::bytea, o + 1, l) AS value
     FROM unnest($2::int[], $3::int[]) WITH ORDINALITY AS u (o, l, n) ORDER BY n`,
    [packed.bytes, packed.offsets, packed.lengths],
  );
  expect(result.rows.length).toBe(values.length);
  for (const [index, value] of values.entries()) {
    const back = result.rows[index]?.value ?? null;
    expect(value === null ? back === null : back?.equals(value)).toBe(true);
  }
});

test('an empty batch is an empty batch', async () => {
  const packed = packedParam([]);
  const result = await pool.query('SELECT $1::bytea FROM unnest($2::int[], $3::int[]) AS u (o, l)', [
    packed.bytes,
    packed.offsets,
    packed.lengths,
  ]);
  expect(result.rows).toEqual([]);
  expect((await pool.query('SELECT unnest($1::text[])', [textArrayParam([])])).rows).toEqual([]);
});

test('text arrays come back as they were', async () => {
  const values = [...texts, null, ...Array.from({ length: 500 }, randomText)];
  const result = await pool.query<{ value: string | null }>(
    'SELECT value FROM unnest($1::text[]) WITH ORDINALITY AS u (value, n) ORDER BY n',
    [textArrayParam(values)],
  );
  expect(result.rows.map(({ value }) => value)).toEqual(values);
});

test.each<[string, readonly (string | number | boolean | null)[]]>([
  ['uuid', [newId(), null, newId()]],
  ['int', [0, -1, 2_147_483_647, null, -2_147_483_648]],
  ['bigint', [0, Number.MAX_SAFE_INTEGER, null, -Number.MAX_SAFE_INTEGER, 1_700_000_000_000]],
  ['boolean', [true, false, null]],
  ['text', ['job.execution.failed', 'null', 'NULL', 'A_b-9', null, 'nulls']],
])('arrays of %s come back as they were', async (type, values) => {
  const result = await pool.query<{ value: unknown }>(
    `SELECT value FROM unnest($1::${type}[]) WITH ORDINALITY AS u (value, n) ORDER BY n`,
    [arrayParam(values)],
  );
  expect(result.rows.map(({ value }) => value)).toEqual(values);
});
