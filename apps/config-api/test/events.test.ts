import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { EventSummary, RejectedEvent } from '@postrider/contracts';
import { idMs, newId } from '@postrider/database';
import { seedEvent } from './support/services.js';
import { startApi, type TestApi } from './support/api.js';

let api: TestApi;
let org: string;
beforeAll(async () => {
  api = await startApi();
  org = await api.organization();
});
afterAll(() => api.stop());

const hostile =
  '{"Long":12345678901234567890,"2":0,"1":1,"a":{"b":"}\\"]"},"n":1.0E+2,"n":-0,"u":"\\u0000\\ud83d"}';

test('an event comes back as it was published, digit by digit', async () => {
  const event = await seedEvent(api.database, org, {
    id: 'order-1',
    data: hostile,
    previousData: '{ "Was" : 1.10 , "x":[{"y":"]}"}] }',
    resource: 'Rés"our\\ce',
    actor: { Type: 'User', Id: '","Data":{}' },
  });
  const response = await api.call('get', `/v1/organizations/${org}/events/order-1`).expect(200);
  expect(response.type).toBe('application/json');
  expect(response.text).toContain(`"Data":${hostile}`);
  expect(response.text).toContain('"PreviousData":{ "Was" : 1.10 , "x":[{"y":"]}"}] }');
  const { Data: _data, PreviousData: _previous, ...summary } = response.body as Record<string, unknown>;
  expect(summary).toEqual({
    Id: 'order-1',
    OrganizationId: org,
    Topic: event.topic,
    CreatedAt: idMs(event.uid),
    UpdatedAt: idMs(event.uid),
    Resource: 'Rés"our\\ce',
    Actor: { Type: 'User', Id: '","Data":{}' },
    CloudEvent: null,
    Source: 'http',
    AcceptedAt: idMs(event.uid),
    Deliveries: 1,
    Webhooks: [],
  });
});

test('without Actor, Resource and PreviousData their keys are there and null', async () => {
  await seedEvent(api.database, org, { id: 'bare', data: '{}' });
  const response = await api.call('get', `/v1/organizations/${org}/events/bare`).expect(200);
  expect(response.body).toMatchObject({ Actor: null, Resource: null, PreviousData: null, Data: {} });
});

test('one that came as a CloudEvent tells its source', async () => {
  const cloudEvent = {
    Id: 'urn:1 "x"',
    Source: '/jobs?a={"Data":{}}',
    Subject: null,
    DataSchema: null,
    Extensions: { traceparent: '00-1-2-01', sampled: true, priority: 3 },
  };
  await seedEvent(api.database, org, { id: 'ce_1', data: hostile, cloudEvent });
  const response = await api.call('get', `/v1/organizations/${org}/events/ce_1`).expect(200);
  expect(response.body).toMatchObject({ CloudEvent: cloudEvent, Actor: null });
  expect(response.text).toContain(`"Data":${hostile}`);
});

test('none, and one whose day is gone, is 404', async () => {
  await api.call('get', `/v1/organizations/${org}/events/nope`).expect(404);
  await api.database.query('INSERT INTO event_ids VALUES ($1, $2, $3, 1, 0)', [org, 'past', newId(1_000)]);
  await api.call('get', `/v1/organizations/${org}/events/past`).expect(404);
});

test('events are listed newest first, page by page', async () => {
  const own = await api.organization();
  const made: string[] = [];
  for (let index = 0; index < 5; index += 1) {
    made.unshift((await seedEvent(api.database, own, { data: hostile, previousData: hostile })).id);
  }
  const seen: EventSummary[] = [];
  let query = '?Limit=2';
  for (;;) {
    const page = await api.call('get', `/v1/organizations/${own}/events${query}`).expect(200);
    const { Data, NextCursor } = page.body as { Data: EventSummary[]; NextCursor: string | null };
    seen.push(...Data);
    if (NextCursor === null) break;
    query = `?Limit=2&Cursor=${NextCursor}`;
  }
  expect(seen.map((one) => one.Id)).toEqual(made);
  for (const one of seen) expect(EventSummary.parse(one)).toEqual(one);
});

test('events of one topic are listed alone, page by page', async () => {
  const own = await api.organization();
  const made: string[] = [];
  for (const topic of ['job.done', 'job.failed', 'job.done', 'job.failed']) {
    const { id } = await seedEvent(api.database, own, { topic });
    if (topic === 'job.done') made.unshift(id);
  }
  const list = async (query: string) => {
    const page = await api.call('get', `/v1/organizations/${own}/events?Limit=1&${query}`).expect(200);
    return page.body as { Data: EventSummary[]; NextCursor: string | null };
  };
  const first = await list('Topic=job.done');
  const second = await list(`Topic=job.done&Cursor=${first.NextCursor}`);
  expect([...first.Data, ...second.Data].map(({ Id }) => Id)).toEqual(made);
  expect(second.NextCursor).toBeNull();
});

test('rejected events: of the organization its own, of nobody the admin', async () => {
  const reject = async (organizationId: string | null, payload: Buffer): Promise<string> => {
    const id = newId();
    await api.database.query(
      `INSERT INTO rejected_events (id, organization_id, subject, topic, event_id, code, reason, errors, payload, payload_truncated)
       VALUES ($1, $2, 'postrider.events.v1.x.y', 'y', null, 'malformed_json', 'no JSON', $3, $4, false)`,
      [id, organizationId, JSON.stringify([{ pointer: '/Data', detail: 'is required' }]), payload],
    );
    return id;
  };
  const own = await reject(org, Buffer.from('{"a":'));
  const binary = await reject(org, Buffer.from([0xff, 0x00]));
  const nobodys = await reject(null, Buffer.from('x'));
  const foreign = await reject(await api.organization(), Buffer.from('x'));

  const listed = await api.call('get', `/v1/organizations/${org}/rejected-events`).expect(200);
  const { Data } = listed.body as { Data: RejectedEvent[] };
  expect(Data.map((one) => one.Id)).toEqual([binary, own]);
  expect(Data.map((one) => [one.Payload, one.PayloadEncoding])).toEqual([
    ['/wA=', 'base64'],
    ['{"a":', 'utf8'],
  ]);
  for (const one of Data) expect(RejectedEvent.parse(one)).toEqual(one);

  const ofNobody = await api.call('get', '/v1/rejected-events').expect(200);
  const ids = (ofNobody.body as { Data: RejectedEvent[] }).Data.map((one) => one.Id);
  expect(ids).toEqual([nobodys]);
  expect(ids).not.toContain(foreign);
});
