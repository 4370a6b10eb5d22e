import { createHash } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { noticeSubjects } from '@postrider/contracts';
import { newId } from '@postrider/database';
import { Messaging } from '@postrider/messaging';
import { waitFor } from '@postrider/test-kit';
import { startApi, type TestApi } from './support/api.js';

let api: TestApi;
let org: string;
beforeAll(async () => {
  api = await startApi();
  org = await api.organization();
});
afterAll(() => api.stop());

const path = () => `/v1/organizations/${org}/api-keys`;

interface KeyBody {
  readonly Id: string;
  readonly Key: string;
  readonly Prefix: string;
  readonly LastUsedAt: number | null;
}

test('a key is told once, stored as its hash, and works', async () => {
  const ExpiresAt = Date.now() + 3_600_000;
  const created = await api
    .call('post', path())
    .send({ Name: 'CI', Scopes: ['webhooks:write'], ExpiresAt })
    .expect(201);
  const key = created.body as KeyBody;
  expect(created.headers['cache-control']).toBe('no-store');
  expect(key).toEqual({
    Id: expect.any(String),
    Name: 'CI',
    Scopes: ['webhooks:write'],
    Prefix: key.Key.slice(0, 10),
    CreatedAt: expect.any(Number),
    ExpiresAt,
    LastUsedAt: null,
    Key: expect.stringMatching(/^pr_[A-Za-z0-9_-]{43}$/),
  });
  await api.call('get', `/v1/organizations/${org}/webhooks`, key.Key).expect(200);

  const listed = await api.call('get', path()).expect(200);
  const { Key: _, ...shown } = key;
  const entry = (listed.body as { Data: KeyBody[] }).Data.find((one) => one.Id === key.Id);
  expect({ ...entry, LastUsedAt: null }).toEqual(shown);
  expect(listed.text).not.toContain(key.Key);
  const rows = await api.database.query<{ text: string; hash: string }>(
    "SELECT k::text AS text, encode(hash, 'hex') AS hash FROM api_keys k WHERE id = $1",
    [key.Id],
  );
  expect(rows[0]?.text).not.toContain(key.Key.slice(10));
  expect(rows[0]?.hash).toBe(createHash('sha256').update(key.Key).digest('hex'));
});

test('its use shows at once', async () => {
  const key = await api.key(org, 'webhooks:read');
  await api.call('get', `/v1/organizations/${org}/webhooks`, key).expect(200);
  const listed = await api.call('get', path()).expect(200);
  const entry = (listed.body as { Data: KeyBody[] }).Data.find((one) => key.startsWith(one.Prefix));
  expect(Math.abs((entry?.LastUsedAt ?? 0) - Date.now())).toBeLessThan(60_000);
});

test('a deleted key stops at once, and everybody is told', async () => {
  const heard: string[] = [];
  const listener = await Messaging.open({
    natsUrl: api.nats.url,
    name: 'listener',
    onStatus: () => undefined,
  });
  listener.subscribe(noticeSubjects.apiKeyChanged, (message) =>
    heard.push(message.json<{ Id: string }>().Id),
  );
  await listener.flush();
  const created = await api.call('post', path()).send({ Name: 'gone', Scopes: ['webhooks:read'] });
  const { Id, Key } = created.body as KeyBody;
  await api.call('get', `/v1/organizations/${org}/webhooks`, Key).expect(200);
  await api.call('delete', `${path()}/${Id}`).expect(204);
  await api.call('get', `/v1/organizations/${org}/webhooks`, Key).expect(401);
  await api.call('delete', `${path()}/${Id}`).expect(404);
  await waitFor('the notice', () => heard.includes(Id));
  await listener.close();
});

test('an expired key stops', async () => {
  const created = await api
    .call('post', path())
    .send({ Name: 'brief', Scopes: ['webhooks:read'], ExpiresAt: Date.now() + 3_600_000 });
  const { Id, Key } = created.body as KeyBody;
  await api.call('get', `/v1/organizations/${org}/webhooks`, Key).expect(200);
  await api.database.query('UPDATE api_keys SET expires_at = now_ms() - 1 WHERE id = $1', [Id]);
  await api.call('get', `/v1/organizations/${org}/webhooks`, Key).expect(401);
});

test('a key gives away only scopes that it has, and those that they include', async () => {
  const manager = await api.key(org, 'keys:manage', 'webhooks:write', 'deliveries:resend');
  for (const scope of [
    'keys:manage',
    'webhooks:write',
    'webhooks:read',
    'deliveries:read',
    'deliveries:resend',
  ]) {
    await api
      .call('post', path(), manager)
      .send({ Name: 'x', Scopes: [scope] })
      .expect(201);
  }
  const refused = await api
    .call('post', path(), manager)
    .send({ Name: 'x', Scopes: ['webhooks:read', 'secrets:rotate', 'events:publish'] })
    .expect(403);
  expect(refused.body).toMatchObject({
    code: 'scope_missing',
    errors: [{ pointer: '/Scopes/1' }, { pointer: '/Scopes/2' }],
  });
});

test.each<[object, string]>([
  [{ Scopes: ['webhooks:read'] }, '/Name'],
  [{ Name: 'x' }, '/Scopes'],
  [{ Name: 'x', Scopes: [] }, '/Scopes'],
  [{ Name: 'x', Scopes: {} }, '/Scopes'],
  [{ Name: 'x', Scopes: ['root'] }, '/Scopes/0'],
  [{ Name: 'x', Scopes: ['webhooks:read', 'webhooks:read'] }, '/Scopes'],
  [{ Name: 'x', Scopes: ['webhooks:read'], ExpiresAt: 1 }, '/ExpiresAt'],
  [{ Name: 'x', Scopes: ['webhooks:read'], ExpiresAt: 1.5 }, '/ExpiresAt'],
  [{ Name: 'x', Scopes: ['webhooks:read'], ExpiresAt: 1e300 }, '/ExpiresAt'],
  [{ Name: 'x', Scopes: ['webhooks:read'], Key: 'pr_mine' }, '/Key'],
])('%j is refused at %s', async (body, pointer) => {
  const response = await api.call('post', path()).send(body).expect(422);
  expect((response.body as { errors: object[] }).errors[0]).toMatchObject({ pointer });
});

test("another organization's keys are not there", async () => {
  const other = await api.organization();
  const created = await api
    .call('post', `/v1/organizations/${other}/api-keys`)
    .send({ Name: 'x', Scopes: ['keys:manage'] });
  await api.call('delete', `${path()}/${(created.body as KeyBody).Id}`).expect(404);
  await api.call('delete', `${path()}/${newId()}`).expect(404);
  await api.call('get', path(), (created.body as KeyBody).Key).expect(404);
  await api.call('get', `/v1/organizations/${other}/api-keys`, (created.body as KeyBody).Key).expect(200);
});
