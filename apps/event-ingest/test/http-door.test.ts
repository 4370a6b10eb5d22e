import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Scope } from '@postrider/contracts';
import { hashApiKey, idMs, newId } from '@postrider/database';
import { sendRequest, waitFor } from '@postrider/test-kit';
import { adminKey, eventOfBytes, Ingest, topic } from './ingest.js';

let ingest: Ingest;
const webhooks: Record<string, string> = {};

beforeAll(async () => {
  ingest = await Ingest.prepare();
  webhooks['plain'] = await ingest.addWebhook({ TimeoutSeconds: 7 });
  await ingest.addWebhook({ Topics: ['job.execution.started'] });
  await ingest.addWebhook({ OrganizationId: await ingest.addOrganization() });
  await ingest.open();
});
afterAll(async () => ingest.close());

const event = (more: object = {}): object => ({ Topic: topic, Data: { JobId: '1' }, ...more });
/** An array nested so deep that the event as a whole is `depth` deep. */
const nested = (depth: number) => '['.repeat(depth - 2) + ']'.repeat(depth - 2);

test('an accepted event is committed with its deliveries, whose lease the fast lane knows exactly', async () => {
  const before = await ingest.database.query<{ ms: number }>('SELECT now_ms() AS ms');
  const answer = await ingest.accept(event({ Id: 'kept', CreatedAt: 1_590_591_051_225, Resource: 'Jöb' }));
  expect(answer).toEqual({ Id: 'kept', Duplicate: false, Deliveries: 1 });
  const stored = await ingest.event('kept');
  expect(stored).toMatchObject({ topic, source: 'http', times_given: 1, deliveries: 1 });
  expect(stored.text).toBe(
    `{"Id":"kept","Topic":"${topic}","CreatedAt":1590591051225,"UpdatedAt":1590591051225,` +
      `"OrganizationId":"${ingest.organizationId}","Resource":"Jöb","PreviousData":null,"Data":{"JobId":"1"}}`,
  );
  const [delivery, ...others] = await ingest.deliveries('kept');
  expect(others).toEqual([]);
  expect(delivery).toMatchObject({
    webhook_id: webhooks['plain'],
    event_uid: stored.uid,
    status: 'Pending',
    trigger: 'event',
  });
  expect(delivery?.due_at).toBe((delivery?.updated_at ?? 0) + 17_000);
  expect(delivery?.updated_at).toBeGreaterThanOrEqual(before[0]?.ms ?? Infinity);
  expect(idMs(delivery?.id ?? '')).toBe(idMs(stored.uid));
  const handedOn = await waitFor('the lane', () => ingest.lane.find(({ id }) => id === delivery?.id));
  expect(handedOn).toMatchObject({
    webhookId: webhooks['plain'],
    leaseUntil: delivery?.due_at,
    trigger: 'event',
    event: { organizationId: ingest.organizationId, id: 'kept', topic },
  });
  expect(handedOn.event.text.toString()).toBe(stored.text);
});

test('an event without Id and times gets a UUIDv7 and the time of acceptance', async () => {
  const { Id } = await ingest.accept(event());
  expect(Id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7/);
  const stored = JSON.parse((await ingest.event(Id)).text) as { CreatedAt: number; UpdatedAt: number };
  expect(Math.abs(stored.CreatedAt - Date.now())).toBeLessThan(5_000);
  expect(stored.UpdatedAt).toBe(stored.CreatedAt);
});

test('an event that no webhook wants is kept, and goes nowhere', async () => {
  const answer = await ingest.accept({ Id: 'unwanted', Topic: 'job.execution.succeeded', Data: {} });
  expect(answer).toEqual({ Id: 'unwanted', Duplicate: false, Deliveries: 0 });
  expect((await ingest.event('unwanted')).deliveries).toBe(0);
  expect(await ingest.deliveries('unwanted')).toEqual([]);
});

test('an array is answered by an array, in its order, one event too', async () => {
  const many = await ingest.post(Array.from({ length: 100 }, (_, n) => event({ Id: `many-${99 - n}` })));
  expect(many.status).toBe(202);
  expect(many.body).toEqual(
    Array.from({ length: 100 }, (_, n) => ({ Id: `many-${99 - n}`, Duplicate: false, Deliveries: 1 })),
  );
  const one = await ingest.post([event({ Id: 'one-in-array' })]);
  expect(one.body).toEqual([{ Id: 'one-in-array', Duplicate: false, Deliveries: 1 }]);
});

test('events that come at the same time are all accepted, each with its own answer', async () => {
  const replies = await Promise.all(
    Array.from({ length: 300 }, (_, n) => ingest.accept(event({ Id: `at-once-${n}` }))),
  );
  expect(replies.map(({ Id }) => Id)).toEqual(Array.from({ length: 300 }, (_, n) => `at-once-${n}`));
  const ids = (await ingest.deliveries()).filter((row) => row.event_id.startsWith('at-once-'));
  expect(new Set(ids.map((row) => row.event_id)).size).toBe(300);
});

test('what is just within the limits is accepted', async () => {
  expect((await ingest.post(`  ${eventOfBytes(262_144)}\n`)).status).toBe(202);
  const deep = await ingest.post(`{"Id":"deep","Topic":"${topic}","Data":{"a":${nested(64)}}}`);
  expect(deep.status).toBe(202);
  // It is larger than a message of the lane should be, and goes alone.
  const [delivery] = await ingest.deliveries('large');
  await waitFor('the lane', () => ingest.lane.some(({ id }) => id === delivery?.id));
});

test('the word null is an Id like any other', async () => {
  expect(await ingest.accept(event({ Id: 'null' }))).toEqual({ Id: 'null', Duplicate: false, Deliveries: 1 });
  expect(await ingest.accept(event({ Id: 'NULL' }))).toMatchObject({ Duplicate: false });
  expect(await ingest.accept(event({ Id: 'null' }))).toMatchObject({ Duplicate: true });
});

describe('who may publish', () => {
  const addKey = async (organizationId: string, scopes: Scope[]): Promise<{ id: string; key: string }> => {
    const [id, key] = [newId(), `pr_${newId()}`];
    await ingest.database.query(
      `INSERT INTO api_keys (id, organization_id, name, scopes, prefix, hash, created_at)
       VALUES ($1, $2, 'test', $3, 'pr_', $4, now_ms())`,
      [id, organizationId, scopes, hashApiKey(key)],
    );
    return { id, key };
  };

  test('a key with events:publish for its own organization, and nobody else', async () => {
    const { key } = await addKey(ingest.organizationId, ['events:publish']);
    expect((await ingest.post(event(), { key })).status).toBe(202);
    const other = await ingest.addOrganization();
    expect(await ingest.post(event(), { key, organizationId: other })).toMatchObject({
      status: 404,
      body: { code: 'not_found' },
    });
    const reader = await addKey(ingest.organizationId, ['deliveries:read', 'webhooks:write']);
    expect(await ingest.post(event(), { key: reader.key })).toMatchObject({
      status: 403,
      body: { code: 'scope_missing' },
    });
    expect((await ingest.post(event(), { key: 'pr_unknown' })).status).toBe(401);
  });

  test('a key that was deleted is forgotten as soon as it is announced', async () => {
    const { id, key } = await addKey(ingest.organizationId, ['events:publish']);
    expect((await ingest.post(event(), { key })).status).toBe(202);
    await ingest.database.query('DELETE FROM api_keys WHERE id = $1', [id]);
    expect((await ingest.post(event(), { key })).status).toBe(202);
    ingest.messaging.publish('postrider.notices.v1.api-key-changed', JSON.stringify({ Id: id }));
    await waitFor('401', async () => (await ingest.post(event(), { key })).status === 401, {
      timeoutMs: 3_000,
    });
  });

  test('an organization that is not there is 404, one that was made a moment ago is there', async () => {
    for (const organizationId of [newId(), 'no-uuid', '%00']) {
      expect(await ingest.post(event(), { organizationId })).toMatchObject({ status: 404 });
    }
    const fresh = await ingest.addOrganization();
    expect((await ingest.post(event(), { organizationId: fresh.toUpperCase() })).status).toBe(202);
  });
});

test('other ways to ask are answered in kind', async () => {
  const path = `/v1/organizations/${ingest.organizationId}/events`;
  const headers = { authorization: `Bearer ${adminKey}` };
  expect(await ingest.post(event(), { path: `${path}?Dry=1` })).toMatchObject({
    status: 422,
    body: { errors: [{ parameter: 'Dry' }] },
  });
  expect(await sendRequest('GET', ingest.url + path, { headers })).toMatchObject({
    status: 405,
    body: { code: 'method_not_allowed' },
  });
  const xml = { ...headers, 'content-type': 'text/xml' };
  expect(await sendRequest('POST', ingest.url + path, { headers: xml, body: '<a/>' })).toMatchObject({
    status: 415,
    body: { code: 'unsupported_media_type' },
  });
  expect(await sendRequest('POST', ingest.url + path, { headers })).toMatchObject({ status: 400 });
  expect((await sendRequest('GET', `${ingest.url}/health/live`)).status).toBe(200);
  const metrics = await sendRequest('GET', `${ingest.url}/metrics`);
  expect(metrics.text).toMatch(/postrider_events_accepted_total\{door="http"\} \d+/);
  expect(metrics.text).toMatch(/postrider_ingest_consumer_lag\{state="pending"\} 0/);
});

test('none of this troubles an operator, and no content gets into the log', async () => {
  expect(ingest.troubles()).toEqual([]);
  await ingest.accept(
    event({ Id: 'quiet', Data: { Canary: 'canary-in-data' }, Resource: 'canary-in-resource' }),
  );
  await ingest.post(`{"Topic":"${topic}","Data":{"Canary":"canary-in-data"},"canary-in-key":1}`);
  await ingest.publish('{"Data":"canary-in-data"}');
  await ingest.rejections(1);
  expect(ingest.logged('event.rejected').length).toBeGreaterThan(0);
  expect(ingest.logged('events.accepted').length).toBeGreaterThan(0);
  expect(JSON.stringify(ingest.allLogged())).not.toMatch(/canary|test-admin-key/);
});
