import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { newId } from '@postrider/database';
import { waitFor } from '@postrider/test-kit';
import { Ingest, topic, type StoredRejection } from './ingest.js';

let ingest: Ingest;

beforeAll(async () => {
  ingest = await Ingest.prepare();
  await ingest.addWebhook();
  await ingest.open();
});
afterAll(async () => ingest.close());

const subject = (rest: string) => `postrider.events.v1.${rest}`;
const own = (name = topic) => subject(`${ingest.organizationId}.${name}`);

async function publishAndSettle(publishing: readonly Promise<void>[]): Promise<void> {
  await Promise.all(publishing);
  await waitFor('an empty stream', async () => (await ingest.backlog()) === 0);
}

test('an event is committed with its deliveries, handed on, and only then acknowledged', async () => {
  await ingest.publish(`{"Id":"n1","Data":{"b":1.50,"a":[ ]}, "CreatedAt":7,"UpdatedAt":8}`);
  const stored = await ingest.event('n1');
  expect(stored).toMatchObject({ topic, source: 'nats', times_given: 3, deliveries: 1 });
  expect(stored.text).toBe(
    `{"Id":"n1","Topic":"${topic}","CreatedAt":7,"UpdatedAt":8,"OrganizationId":"${ingest.organizationId}",` +
      `"Resource":null,"PreviousData":null,"Data":{"b":1.50,"a":[ ]}}`,
  );
  await waitFor('the lane', () => ingest.lane.some(({ event }) => event.id === 'n1'));
  await waitFor('an empty stream', async () => (await ingest.backlog()) === 0);
});

test("the Id is the body's, else Nats-Msg-Id, else made of the message", async () => {
  await publishAndSettle([
    ingest.publish({ Id: 'of-body', Data: {} }, { msgId: 'of-header-1' }),
    ingest.publish({ Data: { n: 2 } }, { msgId: 'of-header-2' }),
    ingest.publish({ Data: { n: 3 } }),
  ]);
  const events = await ingest.events();
  const idOf = (n: number) => events.find(({ text }) => text.includes(`{"n":${n}}`))?.id;
  expect(events.some(({ id }) => id === 'of-body')).toBe(true);
  expect(idOf(2)).toBe('of-header-2');
  expect(idOf(3)).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab]/);
});

test('a Topic in the body may repeat the subject', async () => {
  await ingest.publish({ Id: 'repeated-topic', Topic: topic, Data: {} });
  expect((await ingest.event('repeated-topic')).topic).toBe(topic);
});

test('thousands of events in a burst all arrive, once', async () => {
  const before = (await ingest.deliveries()).length;
  const ids = Array.from({ length: 3_000 }, (_, n) => `burst-${n}`);
  await publishAndSettle(ids.map((Id) => ingest.publish({ Id, Data: { Id } })));
  const stored = (await ingest.events()).filter(({ id }) => id.startsWith('burst-'));
  expect(stored).toHaveLength(3_000);
  expect((await ingest.deliveries()).length).toBe(before + 3_000);
  const metrics = await ingest.metrics();
  expect(metrics).toMatch(/postrider_ingest_batch_events_count\{door="nats"\} \d+/);
});

describe('what can not be accepted is ended, and kept with the reason', () => {
  const deep = `{"Data":{"a":${'['.repeat(5_000)}${']'.repeat(5_000)}}}`;
  const cases: readonly [
    string,
    () => [string | Uint8Array, { subject?: string; msgId?: string }],
    object,
  ][] = [
    ['no JSON', () => ['not json', { msgId: 'm1' }], { code: 'malformed_json', event_id: 'm1', topic }],
    ['nothing', () => ['', {}], { code: 'malformed_json', event_id: null }],
    ['no UTF-8', () => [Buffer.from([0x22, 0xff, 0x22]), {}], { code: 'malformed_json' }],
    ['a NUL in a text', () => ['{"Data":{"a":"\0"}}', {}], { code: 'malformed_json' }],
    ['a surrogate as bytes', () => [Buffer.from('7b22eda08022', 'hex'), {}], { code: 'malformed_json' }],
    ['an array', () => ['[{"Data":{}}]', {}], { code: 'invalid_fields' }],
    ['5,000 deep', () => [deep, {}], { code: 'too_deep' }],
    ['no Data', () => ['{"Id":"no-data"}', {}], { code: 'invalid_fields', event_id: 'no-data' }],
    ['a key twice', () => ['{"Data":{},"Data":{}}', {}], { code: 'duplicate_key' }],
    ['an unknown field', () => ['{"Data":{},"constructor":1}', {}], { code: 'invalid_fields' }],
    [
      "a Topic that is not the subject's",
      () => ['{"Topic":"job.execution.started","Data":{}}', {}],
      { code: 'invalid_fields', errors: [{ pointer: '/Topic', detail: expect.any(String) }] },
    ],
    [
      'an unknown topic',
      () => ['{"Data":{}}', { subject: own('job.unheard.of') }],
      { code: 'unknown_topic' },
    ],
    ['a reserved topic', () => ['{"Data":{}}', { subject: own('webhook.ping') }], { code: 'reserved_topic' }],
    [
      'no topic',
      () => ['{"Data":{}}', { subject: subject(ingest.organizationId) }],
      { code: 'unknown_topic', topic: null },
    ],
    [
      'a Nats-Msg-Id that is no Id',
      () => ['{"Data":{}}', { msgId: 'a:b' }],
      { code: 'invalid_fields', event_id: 'a:b' },
    ],
    [
      'too large, of which 64 KiB are kept',
      () => [`{"Data":{"a":"${'x'.repeat(270_000)}"}}`, {}],
      { code: 'payload_too_large', payload_truncated: true },
    ],
    [
      'an unknown organization',
      () => ['{"Data":{}}', { subject: subject(`${newId()}.${topic}`) }],
      { code: 'not_found', organization_id: null, topic },
    ],
    [
      'an organization that is no UUID',
      () => ['{"Data":{}}', { subject: subject(`acme.${topic}`) }],
      { code: 'not_found', organization_id: null },
    ],
  ];

  test.each(cases)('%s', async (_what, make, expected) => {
    const [payload, options] = make();
    const before = await ingest.rejections(0);
    await ingest.publish(payload, options);
    const rows = await ingest.rejections(before.length + 1);
    const rejected = rows.find(({ id }) => !before.some((earlier) => earlier.id === id)) as StoredRejection;
    expect(rejected).toMatchObject({
      organization_id: ingest.organizationId,
      subject: options.subject ?? own(),
      payload_truncated: false,
      ...expected,
    });
    expect(rejected.reason.length).toBeGreaterThan(10);
    expect(rejected.payload).toEqual(Buffer.from(payload).subarray(0, 65_536));
    await waitFor('an empty stream', async () => (await ingest.backlog()) === 0);
  });

  test('in one batch with good ones, whose neighbours are unaffected and which the consumer outlives', async () => {
    const before = (await ingest.rejections(0)).length;
    await publishAndSettle(
      cases.flatMap(([, make], n) => {
        const [payload, options] = make();
        return [
          ingest.publish({ Id: `neighbour-a-${n}`, Data: {} }),
          ingest.publish(payload, options),
          ingest.publish({ Id: `neighbour-b-${n}`, Data: {} }),
        ];
      }),
    );
    const good = (await ingest.events()).filter(({ id }) => id.startsWith('neighbour-'));
    expect(good).toHaveLength(2 * cases.length);
    expect(await ingest.rejections(before + cases.length)).toHaveLength(before + cases.length);
  });

  test('what is valid JSON text goes out as published, however odd', async () => {
    const data = '{"a":"\\u0000","b":"\\ud800","c":1,"c":2,"__proto__":{"x":1},"n":12345678901234567890.10}';
    await ingest.publish(`{"Id":"odd","Data":${data}}`);
    expect((await ingest.event('odd')).text).toContain(`"Data":${data}}`);
  });
});

test('an event that PostgreSQL refuses is rejected, and its neighbours are accepted', async () => {
  await ingest.database.query(`
    CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF new.id LIKE 'refused-%' THEN RAISE EXCEPTION 'not this one' USING ERRCODE = '22023'; END IF;
      RETURN new;
    END $$`);
  await ingest.database.query(
    'CREATE TRIGGER refuse BEFORE INSERT ON event_ids FOR EACH ROW EXECUTE FUNCTION refuse()',
  );
  const before = (await ingest.rejections(0)).length;
  const ids = Array.from({ length: 200 }, (_, n) => (n % 70 === 3 ? `refused-${n}` : `taken-${n}`));
  await publishAndSettle(ids.map((Id) => ingest.publish({ Id, Data: {} })));
  await ingest.database.query('DROP TRIGGER refuse ON event_ids');
  const rejected = (await ingest.rejections(before + 3)).filter(({ code }) => code === 'internal');
  expect(rejected.map((row) => row.event_id).sort()).toEqual(['refused-143', 'refused-3', 'refused-73']);
  expect((await ingest.events()).filter(({ id }) => id.startsWith('taken-'))).toHaveLength(197);
});
