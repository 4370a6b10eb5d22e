import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { scopes, Topic } from '@postrider/contracts';
import { startApi, type TestApi } from './support/api.js';

let api: TestApi;
let key: string;
let org: string;
beforeAll(async () => {
  api = await startApi();
  org = await api.organization();
  key = await api.key(org, 'webhooks:read');
});
afterAll(() => api.stop());

async function names(query = '?Limit=100'): Promise<string[]> {
  const response = await api.call('get', `/v1/topics${query}`, key).expect(200);
  return (response.body as { Data: Topic[] }).Data.map((topic) => topic.Name);
}

test('who may read webhooks reads the catalog', async () => {
  expect(await names()).toEqual([
    'job.execution.failed',
    'job.execution.started',
    'job.execution.succeeded',
    'webhook.disabled',
    'webhook.failing',
    'webhook.ping',
    'webhook.recovered',
  ]);
  const first = await api.call('get', '/v1/topics?Limit=3', key).expect(200);
  const { NextCursor } = first.body as { NextCursor: string };
  expect(await names(`?Limit=3&Cursor=${NextCursor}`)).toEqual([
    'webhook.disabled',
    'webhook.failing',
    'webhook.ping',
  ]);
  const one = await api.call('get', '/v1/topics/job.execution.failed', key).expect(200);
  expect(Topic.parse(one.body)).toEqual(one.body);

  const others = await api.key(org, ...scopes.filter((scope) => !scope.startsWith('webhooks:')));
  for (const path of ['/v1/topics', '/v1/topics/job.execution.failed']) {
    const refused = await api.call('get', path, others).expect(403);
    expect(refused.body).toMatchObject({ code: 'scope_missing' });
    await api.call('get', path, await api.key(org, 'webhooks:write')).expect(200);
  }
});

test('created, changed, removed and created again', async () => {
  const created = await api.call('post', '/v1/topics').send({ Name: 'order.paid' }).expect(201);
  const nothing = {
    Title: null,
    Description: null,
    Example: null,
    Schema: null,
    EnforceSchema: false,
    Deprecated: false,
  };
  expect(created.body).toEqual({
    Name: 'order.paid',
    ...nothing,
    CreatedAt: expect.any(Number),
    UpdatedAt: (created.body as Topic).CreatedAt,
  });
  const again = await api.call('post', '/v1/topics').send({ Name: 'order.paid' }).expect(409);
  expect(again.body).toMatchObject({ code: 'already_exists', errors: [{ pointer: '/Name' }] });

  const fields = {
    Title: 'Paid 💩',
    Description: 'line\nline',
    Example: { a: [{}], n: null },
    Schema: { type: 'object' },
    EnforceSchema: true,
    Deprecated: true,
  };
  const changed = await api
    .call('patch', '/v1/topics/order.paid')
    .set('Content-Type', 'application/merge-patch+json')
    .send(JSON.stringify(fields))
    .expect(200);
  expect(changed.body).toMatchObject({ Name: 'order.paid', ...fields });
  const partly = await api.call('patch', '/v1/topics/order.paid').send({ Title: null }).expect(200);
  expect(partly.body).toMatchObject({ ...fields, Title: null });
  expect((await api.call('patch', '/v1/topics/order.paid').send({})).body).toEqual(partly.body);

  await api.call('delete', '/v1/topics/order.paid').expect(204);
  await api.call('get', '/v1/topics/order.paid').expect(404);
  await api.call('patch', '/v1/topics/order.paid').send({ Title: 'x' }).expect(404);
  await api.call('delete', '/v1/topics/order.paid').expect(404);
  expect(await names()).not.toContain('order.paid');
  const reborn = await api.call('post', '/v1/topics').send({ Name: 'order.paid', Title: 'New' }).expect(201);
  expect(reborn.body).toMatchObject({ ...nothing, Title: 'New' });
});

describe('topics of our own', () => {
  test('can not be added, nor ping be removed; their words can be changed', async () => {
    const added = await api.call('post', '/v1/topics').send({ Name: 'webhook.other' }).expect(422);
    expect(added.body).toMatchObject({ code: 'reserved_topic', errors: [{ pointer: '/Name' }] });
    const removed = await api.call('delete', '/v1/topics/webhook.ping').expect(422);
    expect(removed.body).toMatchObject({ code: 'reserved_topic' });
    await api.call('patch', '/v1/topics/webhook.ping').send({ Title: 'Pong' }).expect(200);
    await api.call('delete', '/v1/topics/job.execution.started').expect(204);
  });
});

const deep = (depth: number): unknown => JSON.parse('{"a":'.repeat(depth - 1) + '{}' + '}'.repeat(depth - 1));

test.each<[object, string]>([
  [{}, '/Name'],
  [{ Name: 'a b' }, '/Name'],
  [{ Name: 'a..b' }, '/Name'],
  [{ Name: 'a.*' }, '/Name'],
  [{ Name: '1.2.3.4.5.6.7.8.9' }, '/Name'],
  [{ Name: 'x'.repeat(129) }, '/Name'],
  [{ Name: 'a.b', Title: '' }, '/Title'],
  [{ Name: 'a.b', Description: 'a\0b' }, '/Description'],
  [{ Name: 'a.b', Description: '\ud83d' }, '/Description'],
  [{ Name: 'a.b', Description: 'x'.repeat(1001) }, '/Description'],
  [{ Name: 'a.b', Example: [] }, '/Example'],
  [{ Name: 'a.b', Example: 'text' }, '/Example'],
  [{ Name: 'a.b', Example: deep(65) }, '/Example'],
  [{ Name: 'a.b', EnforceSchema: 'yes' }, '/EnforceSchema'],
  [{ Name: 'a.b', EnforceSchema: true }, '/EnforceSchema'],
  [{ Name: 'a.b', Deprecated: 'yes' }, '/Deprecated'],
  [{ Name: 'a.b', Schema: { type: 'objekt' } }, '/Schema'],
  [{ Name: 'a.b', Schema: { properties: { a: { pattern: '(?=x)' } } } }, '/Schema'],
  [{ Name: 'a.b', Schema: { required: ['a'] }, EnforceSchema: true, Example: {} }, '/Example/a'],
  [{ Name: 'a.b', Colour: 'red' }, '/Colour'],
])('%j is refused at %s', async (body, pointer) => {
  const response = await api.call('post', '/v1/topics').send(body).expect(422);
  expect((response.body as { errors: object[] }).errors[0]).toMatchObject({ pointer });
});

test('what PostgreSQL can not keep as text it keeps in an example', async () => {
  const Example = { nul: 'a\0b', lone: '\ud83d', deep: deep(63) };
  const created = await api.call('post', '/v1/topics').send({ Name: 'odd.example', Example }).expect(201);
  expect(created.body).toMatchObject({ Example });
});

test('a schema that is unset can not be enforced any more', async () => {
  await api
    .call('post', '/v1/topics')
    .send({ Name: 'strict.one', Schema: {}, EnforceSchema: true })
    .expect(201);
  const refused = await api.call('patch', '/v1/topics/strict.one').send({ Schema: null }).expect(422);
  expect(refused.body).toMatchObject({ errors: [{ pointer: '/EnforceSchema' }] });
  await api.call('patch', '/v1/topics/strict.one').send({ Schema: null, EnforceSchema: false }).expect(200);
});
