import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { sendRequest, waitFor } from '@postrider/test-kit';
import { adminKey, eventOfBytes, Ingest, topic } from './ingest.js';
import { randomJson, seededRandom } from './random-json.js';

let ingest: Ingest;

beforeAll(async () => {
  ingest = await Ingest.prepare();
  await ingest.open();
});
afterAll(async () => ingest.close());

/** An array nested so deep that the event as a whole is `depth` deep. */
const nested = (depth: number) => '['.repeat(depth - 2) + ']'.repeat(depth - 2);

describe('bad requests are answered with a code and a pointer', () => {
  const long = 'x'.repeat(262_144);
  const cases: readonly [string, string | Uint8Array, number, string, string[]][] = [
    ['nothing', '', 400, 'malformed_json', []],
    ['no JSON', '{"Topic":', 400, 'malformed_json', ['']],
    ['two values', '{} {}', 400, 'malformed_json', ['']],
    ['no UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]), 400, 'malformed_json', ['']],
    ['a raw NUL in a text', '{"Topic":"a\0b"}', 400, 'malformed_json', ['']],
    ['a key twice', `{"Topic":"${topic}","Data":{},"Topic":"${topic}"}`, 400, 'duplicate_key', ['/Topic']],
    ['a number', '1', 422, 'invalid_fields', ['']],
    ['an empty array', '[]', 422, 'invalid_fields', ['']],
    [
      'an array with 101 events',
      `[${Array(101).fill(`{"Topic":"${topic}","Data":{}}`).join()}]`,
      422,
      'invalid_fields',
      [''],
    ],
    ['an array within the array', `[[{"Topic":"${topic}","Data":{}}]]`, 422, 'invalid_fields', ['/0']],
    ['nothing in it', '{}', 422, 'invalid_fields', ['/Data', '/Topic']],
    ['no Data', `{"Topic":"${topic}"}`, 422, 'invalid_fields', ['/Data']],
    ['Data null', `{"Topic":"${topic}","Data":null}`, 422, 'invalid_fields', ['/Data']],
    ['Data an array', `{"Topic":"${topic}","Data":[]}`, 422, 'invalid_fields', ['/Data']],
    [
      'PreviousData a text',
      `{"Topic":"${topic}","Data":{},"PreviousData":"x"}`,
      422,
      'invalid_fields',
      ['/PreviousData'],
    ],
    ['an empty Id', `{"Id":"","Topic":"${topic}","Data":{}}`, 422, 'invalid_fields', ['/Id']],
    ['an Id with a full stop', `{"Id":"a.b","Topic":"${topic}","Data":{}}`, 422, 'invalid_fields', ['/Id']],
    [
      'an Id too long',
      `{"Id":"${'x'.repeat(65)}","Topic":"${topic}","Data":{}}`,
      422,
      'invalid_fields',
      ['/Id'],
    ],
    ['a number as Id', `{"Id":1,"Topic":"${topic}","Data":{}}`, 422, 'invalid_fields', ['/Id']],
    [
      'times that are none',
      `{"CreatedAt":1.5,"UpdatedAt":"1","Topic":"${topic}","Data":{}}`,
      422,
      'invalid_fields',
      ['/CreatedAt', '/UpdatedAt'],
    ],
    [
      'an Actor without Id',
      `{"Actor":{"Type":"User"},"Topic":"${topic}","Data":{}}`,
      422,
      'invalid_fields',
      ['/Actor/Id'],
    ],
    [
      'a Resource with a line break',
      `{"Resource":"a\\nb","Topic":"${topic}","Data":{}}`,
      422,
      'invalid_fields',
      ['/Resource'],
    ],
    [
      'unknown fields',
      `{"id":"x","Topic":"${topic}","Data":{},"__proto__":{},"a/b~":1}`,
      422,
      'invalid_fields',
      ['/id', '/__proto__', '/a~1b~0'],
    ],
    ['an unknown topic', '{"Topic":"job.unheard.of","Data":{}}', 422, 'unknown_topic', ['/Topic']],
    ['a topic that is a pattern', '{"Topic":"job.*","Data":{}}', 422, 'invalid_fields', ['/Topic']],
    ['a reserved topic', '{"Topic":"webhook.ping","Data":{}}', 422, 'reserved_topic', ['/Topic']],
    ['a reserved unknown topic', '{"Topic":"webhook.x","Data":{}}', 422, 'reserved_topic', ['/Topic']],
    [
      'an Actor that is named twice',
      `{"Topic":"${topic}","Data":{},"Actor":{"Type":"User","Id":"a","\\u0049d":"b"}}`,
      400,
      'duplicate_key',
      ['/Actor'],
    ],
    ['65 deep', `{"Topic":"${topic}","Data":{"a":${nested(65)}}}`, 422, 'too_deep', ['/Data']],
    ['5,000 deep', `{"Topic":"${topic}","Data":{"a":${nested(5_000)}}}`, 422, 'too_deep', ['/Data']],
    ['an event of 256 KiB and a byte', eventOfBytes(262_145), 413, 'payload_too_large', ['']],
    [
      'one whose PreviousData makes it larger than 256 KiB',
      `[${eventOfBytes(262_144)},{"Topic":"${topic}","Data":{},"PreviousData":{"a":"${long}"}}]`,
      413,
      'payload_too_large',
      ['/1'],
    ],
    [
      'several wrong events of an array',
      `[{"Topic":"${topic}","Data":{}},{"Topic":"${topic}"},{"Data":1}]`,
      422,
      'invalid_fields',
      ['/1/Data', '/2/Data', '/2/Topic'],
    ],
    [
      'an unknown topic in an array',
      `[{"Topic":"${topic}","Data":{}},{"Topic":"job.unheard.of","Data":{}}]`,
      422,
      'unknown_topic',
      ['/1/Topic'],
    ],
  ];

  test.each(cases)('%s', async (_what, body, status, code, pointers) => {
    const reply = await ingest.post(body);
    expect(reply.headers['content-type']).toBe('application/problem+json; charset=utf-8');
    const problem = reply.body as { code: string; status: number; errors: { pointer: string }[] };
    expect({ status: reply.status, code: problem.code }).toEqual({ status, code });
    expect(problem.errors.map(({ pointer }) => pointer).sort()).toEqual([...pointers].sort());
  });

  test('and nothing of them is kept', async () => {
    const before = await ingest.events();
    for (const [, body] of cases.slice(0, 10)) await ingest.post(body);
    expect(await ingest.events()).toEqual(before);
  });

  test('a body beyond what 100 events may take is 413 before it is read', async () => {
    const reply = await sendRequest(
      'POST',
      `${ingest.url}/v1/organizations/${ingest.organizationId}/events`,
      {
        headers: { authorization: `Bearer ${adminKey}`, 'content-length': String(40 * 1024 * 1024) },
        body: Buffer.alloc(0),
      },
    ).catch((error: unknown) => error);
    expect(reply).toMatchObject({ status: 413, body: { code: 'payload_too_large' } });
  });
});

test('whatever is sent, the answer is 202 or a problem that is not ours, over NATS an event or a rejected one', async () => {
  const random = seededRandom(7);
  const pieces = [
    '"',
    '{',
    '}',
    '[',
    ']',
    ',',
    ':',
    '\\',
    '\\u',
    '\0',
    '\ufeff',
    '💩',
    '-',
    '1e999',
    'null',
    ' ',
  ];
  const mutated = Array.from({ length: 400 }, (_, n) => {
    const text = `{"Id":"f-${n}","Topic":"${topic}","CreatedAt":1,"Resource":"r","Data":{"v":${randomJson(random).text}}}`;
    const bytes = Buffer.from(text);
    for (let k = random(4); k > 0; k -= 1) bytes[random(bytes.length)] = random(256);
    const at = random(bytes.length);
    const piece = random(2) === 0 ? (pieces[random(pieces.length)] ?? '') : '';
    return Buffer.concat([bytes.subarray(0, at), Buffer.from(piece), bytes.subarray(at + random(3))]);
  });
  const statuses = new Map<number, number>();
  for (const body of mutated) {
    const { status, headers } = await ingest.post(body);
    statuses.set(status, (statuses.get(status) ?? 0) + 1);
    if (status !== 202) expect(headers['content-type']).toMatch(/^application\/problem\+json/);
  }
  // A mutation may also make an Id that another event has.
  expect([...statuses.keys()].filter((status) => status !== 409).sort()).toEqual([202, 400, 422]);
  await Promise.all(mutated.map((body) => ingest.publish(body)));
  await waitFor('an empty stream', async () => (await ingest.backlog()) === 0);
  const codes = await ingest.database.query<{ code: string }>(
    'SELECT DISTINCT code FROM rejected_events ORDER BY 1',
  );
  expect(codes.map(({ code }) => code)).not.toContain('internal');
  expect(ingest.troubles()).toEqual([]);
});
