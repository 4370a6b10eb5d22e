// Who may call what: every route with every scope, and what a stranger sees.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { scopes, type Scope } from '@postrider/contracts';
import { newId } from '@postrider/database';
import { sendRequest } from '@postrider/test-kit';
import { seedDelivery, seedEvent } from './support/services.js';
import { startApi, type TestApi } from './support/api.js';

type Method = 'get' | 'post' | 'patch' | 'delete';

/** Method, path below the organization, and the scopes that open it. */
const organizationRoutes: readonly (readonly [Method, string, readonly Scope[]])[] = [
  ['get', '/api-keys', ['keys:manage']],
  ['post', '/api-keys', ['keys:manage']],
  ['delete', '/api-keys/:key', ['keys:manage']],
  ['post', '/portal-links', ['keys:manage']],
  ['get', '/webhooks', ['webhooks:read', 'webhooks:write']],
  ['post', '/webhooks', ['webhooks:write']],
  ['get', '/webhooks/:webhook', ['webhooks:read', 'webhooks:write']],
  ['patch', '/webhooks/:webhook', ['webhooks:write']],
  ['delete', '/webhooks/:webhook', ['webhooks:write']],
  ['post', '/webhooks/:webhook/rotate-secret', ['secrets:rotate']],
  ['post', '/webhooks/:webhook/pause', ['webhooks:write']],
  ['post', '/webhooks/:webhook/resume', ['webhooks:write']],
  ['post', '/webhooks/:webhook/ping', ['webhooks:write']],
  ['post', '/webhooks/:webhook/send-example', ['webhooks:write']],
  ['post', '/webhooks/:webhook/send-confirmation', ['webhooks:write']],
  ['post', '/filters/test', ['deliveries:read', 'deliveries:resend']],
  ['get', '/deliveries', ['deliveries:read', 'deliveries:resend']],
  ['get', '/deliveries/:delivery', ['deliveries:read', 'deliveries:resend']],
  ['post', '/deliveries/:delivery/resend', ['deliveries:resend']],
  ['post', '/replays', ['deliveries:resend']],
  ['get', '/replays', ['deliveries:read', 'deliveries:resend']],
  ['get', '/replays/:replay', ['deliveries:read', 'deliveries:resend']],
  ['delete', '/replays/:replay', ['deliveries:resend']],
  ['get', '/events', ['deliveries:read', 'deliveries:resend']],
  ['get', '/events/:event', ['deliveries:read', 'deliveries:resend']],
  ['get', '/rejected-events', ['deliveries:read', 'deliveries:resend']],
  ['get', '/audit-log', ['keys:manage']],
  ['get', '/stats', ['deliveries:read', 'deliveries:resend']],
  ['get', '/live', ['deliveries:read', 'deliveries:resend']],
];

/** For the admin key alone. */
const adminRoutes: readonly (readonly [Method, string])[] = [
  ['get', '/v1/organizations'],
  ['post', '/v1/organizations'],
  ['get', '/v1/organizations/:org'],
  ['patch', '/v1/organizations/:org'],
  ['delete', '/v1/organizations/:org'],
  ['get', '/v1/rejected-events'],
  ['get', '/v1/audit-log'],
  ['get', '/v1/system'],
  ['post', '/v1/topics'],
  ['patch', '/v1/topics/job.execution.failed'],
  ['delete', '/v1/topics/job.execution.failed'],
];

let api: TestApi;
let org: string;
let stranger: string;
const keys = new Map<Scope, string>();
let ids: Record<string, string>;
beforeAll(async () => {
  api = await startApi();
  org = await api.organization();
  for (const scope of scopes) keys.set(scope, await api.key(org, scope));
  stranger = await api.key(await api.organization(), ...scopes);
  const webhook = await api.webhook(org);
  const event = await seedEvent(api.database, org, { id: 'evt_1' });
  const delivery = await seedDelivery(api.database, event, webhook.Id);
  const spare = await api
    .call('post', `/v1/organizations/${org}/api-keys`)
    .send({ Name: 'spare', Scopes: ['webhooks:read'] });
  const made = await api.call('post', `/v1/organizations/${org}/replays`).send({ From: 0, To: 1 });
  const replay = (made.body as { Id: string }).Id;
  ids = {
    webhook: webhook.Id,
    delivery,
    replay,
    event: event.id,
    key: (spare.body as { Id: string }).Id,
    org,
  };
});
afterAll(() => api.stop());

/** What a route does not look past its absence for. */
const bodyOf = (path: string) =>
  path.endsWith('/send-example') ? { Topic: 'job.execution.failed' } : undefined;
const fill = (path: string) => path.replace(/:(\w+)/g, (_, name: string) => ids[name] ?? '');

describe.each(organizationRoutes)('%s %s', (method, path, wanted) => {
  test.each(scopes.filter((scope) => !wanted.includes(scope)))('is closed to %s', async (scope) => {
    const response = await api.call(method, `/v1/organizations/${org}${fill(path)}`, keys.get(scope));
    expect(response.status).toBe(403);
    expect(response.body).toMatchObject({
      code: 'scope_missing',
      detail: expect.stringContaining(wanted[0] ?? ''),
    });
  });

  test.each(wanted.map((scope) => [scope]))('is open to %s', async (scope) => {
    // A parameter that no route knows: what it refuses has passed the guard, and nothing is done.
    const response = await api
      .call(method, `/v1/organizations/${org}${fill(path)}?NoSuchParameter=1`, keys.get(scope))
      .send(bodyOf(path));
    expect(response.status).toBe(422);
    expect(response.body).toMatchObject({ errors: [{ parameter: 'NoSuchParameter' }] });
  });

  test('is 404 to a stranger, under the own organization too', async () => {
    const closed = await api.call(method, `/v1/organizations/${org}${fill(path)}`, stranger);
    expect(closed.status).toBe(404);
    expect(JSON.stringify(closed.body)).not.toContain(org);
  });

  test('is 401 without a key, 404 in an unknown organization', async () => {
    const unknown = await api.call(method, `/v1/organizations/${org}${fill(path)}`, null);
    expect(unknown.status).toBe(401);
    expect(unknown.headers['www-authenticate']).toBe('Bearer');
    const response = await api.call(method, `/v1/organizations/${newId()}${fill(path)}`);
    expect(response.status).toBe(404);
  });
});

describe.each(adminRoutes)('%s %s', (method, path) => {
  test('needs the admin key', async () => {
    for (const key of keys.values()) expect((await api.call(method, fill(path), key)).status).toBe(403);
    expect((await api.call(method, fill(path), null)).status).toBe(401);
  });
});

test("another organization's webhooks, deliveries and events are 404 under the own organization", async () => {
  const other = await api.organization();
  const key = await api.key(other, ...scopes);
  for (const [method, path] of organizationRoutes.filter(([, route]) =>
    /:(webhook|delivery|event|key)/.test(route),
  )) {
    const body = method === 'patch' ? { Alias: 'mine now' } : bodyOf(path);
    const response = await api.call(method, `/v1/organizations/${other}${fill(path)}`, key).send(body);
    expect([method, path, response.status]).toEqual([method, path, 404]);
  }
});

test('every route of the document is in these lists', async () => {
  const document = await api.call('get', '/openapi.json', null).expect(200);
  const documented = Object.entries((document.body as { paths: Record<string, object> }).paths).flatMap(
    ([path, item]) => Object.keys(item).map((method) => `${method} ${path.replace(/\{\w+\}/g, '…')}`),
  );
  const listed = [
    ...organizationRoutes.map(
      ([method, path]) => `${method} /v1/organizations/…${path.replace(/:\w+/g, '…')}`,
    ),
    ...adminRoutes.map(
      ([method, path]) => `${method} ${path.replace(/:\w+/g, '…').replace('job.execution.failed', '…')}`,
    ),
    ...['post /v1/session', 'get /v1/session', 'delete /v1/session'],
    ...['get /v1/topics', 'get /v1/topics/…', 'get /health/live', 'get /health/ready', 'get /metrics'],
  ];
  expect(documented.sort()).toEqual(listed.sort());
});

test('health, metrics and documents need no key', async () => {
  for (const path of ['/health/live', '/health/ready', '/metrics', '/openapi.json', '/docs']) {
    await api.call('get', path, null).expect(200);
  }
  const metrics = await api.call('get', '/metrics?probe=1', null).expect(200);
  expect(metrics.text).toContain('postrider_http_request_seconds_count');
});

test.each([
  'Bearer',
  'Bearer ',
  'Basic YTpi',
  'Bearer wrong-key-0123456789',
  'Bearer pr_x',
  'test-admin-key-0123456789',
])('Authorization %j is refused', async (value) => {
  const response = await api.call('get', '/v1/organizations', null).set('Authorization', value).expect(401);
  expect(response.type).toBe('application/problem+json');
});

describe('requests that can not be read', () => {
  const post = (body: string | Buffer, type = 'application/json') =>
    sendRequest('POST', `${api.url}/v1/organizations`, {
      headers: { Authorization: 'Bearer test-admin-key-0123456789', 'content-type': type },
      body,
    });

  test.each<[string, string | Buffer]>([
    ['no JSON', '{'],
    ['text', 'hello'],
    ['a trailing comma', '{"Name":"x",}'],
    ['bytes that are not UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])],
    ['a byte order mark', '\ufeff{"Name":"x"}'],
  ])('%s is 400', async (_what, body) => {
    const response = await post(body);
    expect([response.status, (response.body as { code: string }).code]).toEqual([400, 'malformed_json']);
    expect(response.headers['content-type']).toContain('application/problem+json');
  });

  test('a key that stands twice is 400, however it is written', async () => {
    expect((await post('{"Name":"x","Na\\u006de":"y"}')).body).toMatchObject({ code: 'duplicate_key' });
  });

  test('nested 100,000 deep is an answer', async () => {
    const response = await post(`{"Name":${'['.repeat(100_000)}${']'.repeat(100_000)}}`);
    expect(response.status).toBe(422);
  });

  test('another content type is 415, none with a body too', async () => {
    expect((await post('{"Name":"x"}', 'text/plain')).status).toBe(415);
    expect((await post('Name=x', 'application/x-www-form-urlencoded')).body).toMatchObject({
      code: 'unsupported_media_type',
    });
  });

  test('more than 1 MB is 413', async () => {
    expect((await post(`{"Name":"${'x'.repeat(1_048_576)}"}`)).body).toMatchObject({
      code: 'payload_too_large',
    });
  });

  test('an unknown path is 404, another method 405 with those that are allowed', async () => {
    expect((await api.call('get', '/v1/nothing')).body).toMatchObject({ code: 'not_found', status: 404 });
    const response = await api.call('delete', '/v1/organizations');
    expect(response.status).toBe(405);
    expect(response.body).toMatchObject({ code: 'method_not_allowed' });
    expect(String(response.headers['allow']).split(', ').sort()).toEqual(
      expect.arrayContaining(['GET', 'POST']),
    );
  });

  test('ids that are none are 422 and named', async () => {
    const wrong = await api.call('get', '/v1/organizations/no-uuid').expect(422);
    expect(wrong.body).toMatchObject({ errors: [{ parameter: 'org' }] });
    const delivery = await api.call('get', `/v1/organizations/${org}/deliveries/1`).expect(422);
    expect(delivery.body).toMatchObject({ errors: [{ parameter: 'id' }] });
    const event = await api.call('get', `/v1/organizations/${org}/events/a.b`).expect(422);
    expect(event.body).toMatchObject({ errors: [{ parameter: 'id' }] });
    await api.call('get', `/v1/organizations/${org}/webhooks/%00`).expect(422);
    await api.call('get', `/v1/organizations/${org}/webhooks/%zz`).expect(400);
  });

  test.each([
    ['Limit=0', 'Limit'],
    ['Limit=101', 'Limit'],
    ['Limit=1.5', 'Limit'],
    ['Limit=x', 'Limit'],
    ['Limit=1&Limit=2', 'Limit'],
    ['limit=1', 'limit'],
    ['Cursor=', 'Cursor'],
    ['Cursor=xyz', 'Cursor'],
    ['Cursor=W10', 'Cursor'],
    ['Cursor=WyJldmVudHMiLDVd', 'Cursor'],
    ['__proto__=1', '__proto__'],
  ])('?%s is refused on every list', async (query, parameter) => {
    for (const list of ['/webhooks', '/api-keys', '/deliveries', '/events', '/rejected-events']) {
      const response = await api.call('get', `/v1/organizations/${org}${list}?${query}`);
      expect([list, response.status]).toEqual([list, 422]);
      expect(response.body).toMatchObject({ errors: [{ parameter }] });
    }
  });

  test("a list does not take another list's cursor", async () => {
    const page = await api.call('get', `/v1/organizations/${org}/api-keys?Limit=1`).expect(200);
    const { NextCursor } = page.body as { NextCursor: string };
    await api.call('get', `/v1/organizations/${org}/api-keys?Cursor=${NextCursor}`).expect(200);
    await api.call('get', `/v1/organizations/${org}/webhooks?Cursor=${NextCursor}`).expect(422);
  });
});
