// CloudEvents 1.0 at both doors, in each of their modes: the same event as in Postrider's own form, with its source kept.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { waitFor } from '@postrider/test-kit';
import { Ingest, topic } from './ingest.js';

let ingest: Ingest;
beforeAll(async () => {
  ingest = await Ingest.prepare();
  await ingest.addWebhook();
  await ingest.open();
});
afterAll(async () => ingest.close());

const structured = { 'content-type': 'application/cloudevents+json; charset=UTF-8' };
const batch = { 'content-type': 'application/cloudevents-batch+json' };
const data = '{"b":12345678901234567890.10,"a":[ ],"é":"\\u0000"}';
const cloudEvent = (more: object = {}): object => ({
  specversion: '1.0',
  id: 'evt-1',
  source: '/scheduler/eu',
  type: topic,
  ...more,
});
const binary = (more: Record<string, string> = {}): Record<string, string> => ({
  'ce-specversion': '1.0',
  'ce-id': 'evt-1',
  'ce-source': '/scheduler/eu',
  'ce-type': topic,
  ...more,
});
/** How the event is stored, and goes out. */
const text = (id: string, origin: object, sent = data, createdAt = 1_769_860_800_125) =>
  `{"Id":"${id}","Topic":"${topic}","CreatedAt":${createdAt},"UpdatedAt":${createdAt},` +
  `"OrganizationId":"${ingest.organizationId}","Resource":null,"PreviousData":null,` +
  `"CloudEvent":${JSON.stringify(origin)},"Data":${sent}}`;
const origin = (Id: string, more: object = {}) => ({
  Id,
  Source: '/scheduler/eu',
  Subject: null,
  DataSchema: null,
  Extensions: {},
  ...more,
});
const time = '2026-01-31T13:00:00.1259+01:00';

describe('over HTTP', () => {
  test('structured', async () => {
    const body = JSON.stringify(
      cloudEvent({
        id: 'h-structured',
        time,
        subject: 'job 7',
        dataschema: 'https://example.com/s',
        datacontenttype: 'application/json',
        traceparent: '00-1-2-01',
        priority: 3,
        sampled: true,
        partitionkey: null,
      }),
    ).replace(/}$/, `,"data":${data}}`);
    const reply = await ingest.post(body, { headers: structured });
    expect([reply.status, reply.body]).toEqual([
      202,
      { Id: 'h-structured', Duplicate: false, Deliveries: 1 },
    ]);
    const extensions = { traceparent: '00-1-2-01', priority: 3, sampled: true };
    const kept = origin('h-structured', {
      Subject: 'job 7',
      DataSchema: 'https://example.com/s',
      Extensions: extensions,
    });
    expect((await ingest.event('h-structured')).text).toBe(text('h-structured', kept));
    const [delivery] = await ingest.deliveries('h-structured');
    const handedOn = await waitFor('the lane', () => ingest.lane.find(({ id }) => id === delivery?.id));
    expect(handedOn.event.text.toString()).toBe(text('h-structured', kept));
  });

  test('binary: attributes in headers, percent-encoded', async () => {
    const headers = binary({
      'ce-id': 'h-binary',
      'ce-time': time,
      'ce-subject': 'Za%C5%BC%C3%B3%C5%82%C4%87 "%22"',
      'ce-source': '"/scheduler/\\eu"',
      'ce-traceparent': '00-1',
    });
    const reply = await ingest.post(data, { headers });
    expect(reply.status).toBe(202);
    const kept = origin('h-binary', { Subject: 'Zażółć """', Extensions: { traceparent: '00-1' } });
    expect((await ingest.event('h-binary')).text).toBe(text('h-binary', kept));
  });

  test('in a batch', async () => {
    const events = [1, 2, 3].map((n) => cloudEvent({ id: `h-batch-${n}`, data: { n } }));
    const reply = await ingest.post(events, { headers: batch });
    expect([reply.status, reply.body]).toEqual([
      202,
      [1, 2, 3].map((n) => ({ Id: `h-batch-${n}`, Duplicate: false, Deliveries: 1 })),
    ]);
    const wrong = await ingest.post([...events, cloudEvent({ id: '', data: {} })], { headers: batch });
    expect(wrong).toMatchObject({ status: 422, body: { errors: [{ pointer: '/3/id' }] } });
  });

  test('without data it has an empty one, without a time that of its acceptance', async () => {
    expect((await ingest.post(undefined, { headers: binary({ 'ce-id': 'h-bare' }) })).status).toBe(202);
    expect((await ingest.event('h-bare')).text).toContain('"Data":{}}');
    const body = cloudEvent({ id: 'h-null', data: null });
    expect((await ingest.post(body, { headers: structured })).status).toBe(202);
    const stored = JSON.parse((await ingest.event('h-null')).text) as { CreatedAt: number; Data: object };
    expect(stored.Data).toEqual({});
    expect(Math.abs(stored.CreatedAt - Date.now())).toBeLessThan(60_000);
  });
});

describe('the id', () => {
  const post = async (id: string, source = '/a', more: object = {}) =>
    (await ingest.post(cloudEvent({ id, source, data: {}, ...more }), { headers: structured })) as {
      status: number;
      body: { Id: string; Duplicate: boolean; code?: string; errors?: object[] };
    };

  test('again from the same source is the same event, also with another trace', async () => {
    await post('again');
    expect((await post('again', '/a', { traceparent: '00-9' })).body).toMatchObject({ Duplicate: true });
    // Stored, not in the same batch.
    await ingest.event('again');
    expect((await post('again')).body).toMatchObject({ Id: 'again', Duplicate: true });
  });

  test('that another source has used is told, never dropped', async () => {
    await post('1');
    expect(await post('1', '/b')).toMatchObject({
      status: 409,
      body: { code: 'event_id_reused', errors: [{ pointer: '/id' }] },
    });
  });

  test('that no Id may be is hashed with its source: as unique as CloudEvents have it', async () => {
    const ids = ['urn:uuid:6e8bc430', 'a.b', 'Zażółć', 'x'.repeat(1_024)];
    for (const id of ids) {
      const first = await post(id);
      expect(first.body.Id).toMatch(/^ce_[A-Za-z0-9_-]{43}$/);
      expect((await post(id)).body).toEqual({ ...first.body, Duplicate: true });
      const other = await post(id, '/b');
      expect([other.status, other.body.Id === first.body.Id]).toEqual([202, false]);
      expect((await ingest.event(first.body.Id)).text).toContain(`"CloudEvent":{"Id":${JSON.stringify(id)}`);
    }
  });
});

describe('over NATS', () => {
  const bytes = JSON.stringify(cloudEvent({ time })).replace(/}$/, `,"data":${data}}`);
  const named = (id: string) => bytes.replace('evt-1', id);

  test.each<[string, string, () => [string, Record<string, string>]]>([
    ['structured', 'n-structured', () => [named('n-structured'), structured]],
    ['structured, as before NATS had headers', 'n-bare', () => [named('n-bare'), {}]],
    [
      'binary',
      'n-binary',
      () => [data, binary({ 'ce-id': 'n-binary', 'ce-time': time, 'Content-Type': 'application/json' })],
    ],
  ])('%s', async (_mode, id, make) => {
    const [payload, headers] = make();
    await ingest.publish(payload, { headers });
    expect((await ingest.event(id)).text).toBe(text(id, origin(id)));
  });

  test.each<[string, string, Record<string, string>, object]>([
    [
      "a type that is not the subject's topic",
      JSON.stringify(cloudEvent({ id: 'n-1', type: 'job.execution.started' })),
      structured,
      { code: 'invalid_fields', event_id: 'n-1', errors: [{ pointer: '/type' }] },
    ],
    ['no source', data, { 'ce-specversion': '1.0', 'ce-id': 'n-2', 'ce-type': topic }, { event_id: 'n-2' }],
    ['a batch', `[${bytes}]`, batch, { code: 'unsupported_media_type' }],
    [
      'another format',
      'x',
      { 'content-type': 'application/cloudevents+avro' },
      { code: 'unsupported_media_type' },
    ],
    ['data that is no JSON', 'x', binary({ 'ce-id': 'n-3' }), { code: 'malformed_json' }],
  ])('%s is kept as rejected', async (_what, payload, headers, expected) => {
    const before = await ingest.rejections(0);
    await ingest.publish(payload, { headers });
    const rows = await ingest.rejections(before.length + 1);
    const rejected = rows.find(({ id }) => !before.some((earlier) => earlier.id === id));
    expect(rejected).toMatchObject(expected);
  });
});

describe('what is wrong is told by the name of its attribute', () => {
  test.each<[string, object | string, string[]]>([
    ['nothing in it', {}, ['/specversion', '/id', '/source', '/type']],
    ['another version', cloudEvent({ specversion: '0.3' }), ['/specversion']],
    ['a number for id', cloudEvent({ id: 1 }), ['/id']],
    ['a blank source', cloudEvent({ source: ' ' }), ['/source']],
    ['an id too long', cloudEvent({ id: 'x'.repeat(1_025) }), ['/id']],
    ['a type that is no topic', cloudEvent({ type: 'https://example.com/x' }), ['/type']],
    ['an unknown topic', cloudEvent({ type: 'com.example.unheard' }), ['/type']],
    ['a reserved topic', cloudEvent({ type: 'webhook.ping' }), ['/type']],
    ['a time of words', cloudEvent({ time: 'yesterday' }), ['/time']],
    ['a day that is none', cloudEvent({ time: '2026-13-31T00:00:00Z' }), ['/time']],
    ['a time before 1970', cloudEvent({ time: '1969-01-01T00:00:00Z' }), ['/time']],
    ['data of another kind', cloudEvent({ data: [1] }), ['/data']],
    ['binary data', cloudEvent({ data_base64: 'AAAA' }), ['/data_base64']],
    ['XML', cloudEvent({ datacontenttype: 'text/xml', data: '<a/>' }), ['/datacontenttype']],
    ['an extension that is an object', cloudEvent({ ext: {} }), ['/ext']],
    ['an extension in capitals', cloudEvent({ Ext: 'x' }), ['/Ext']],
    [
      '__proto__ for an extension',
      '{"specversion":"1.0","id":"1","source":"/","type":"a","__proto__":"x"}',
      ['/__proto__'],
    ],
    [
      'too much besides the data',
      cloudEvent(Object.fromEntries([...'abcdefghi'].map((key) => [key, 'x'.repeat(1_000)]))),
      [''],
    ],
  ])('%s', async (_what, body, pointers) => {
    const reply = await ingest.post(body, { headers: structured });
    expect(reply.status).toBe(422);
    expect((reply.body as { errors: { pointer: string }[] }).errors.map(({ pointer }) => pointer)).toEqual(
      pointers,
    );
  });

  test.each<[string, string, Record<string, string>, number]>([
    ['a key twice', '{"specversion":"1.0","specversion":"1.0"}', structured, 400],
    ['no JSON', '{', structured, 400],
    ['an array for one', '[]', structured, 422],
    ['one for an array', JSON.stringify(cloudEvent()), batch, 422],
    ['data that is no JSON', '{"a":1} x', binary({ 'content-type': 'application/json' }), 400],
    ['data of another type', '<a/>', binary({ 'content-type': 'text/xml' }), 415],
    ['another format', 'x', { 'content-type': 'application/cloudevents+avro' }, 415],
    ['a header that is no percent-encoding', '{}', binary({ 'ce-subject': '%ff' }), 422],
    ["Postrider's own form with an attribute", '{"specversion":"1.0","Topic":"a","Data":{}}', {}, 422],
  ])('%s', async (_what, body, headers, status) => {
    expect((await ingest.post(body, { headers })).status).toBe(status);
  });
});
