import { afterAll, beforeAll, expect, test } from '@jest/globals';
import {
  auditActions,
  mailLinkToken,
  type AuditEntry,
  type MailLinkPurpose,
  type Replay,
} from '@postrider/contracts';
import { seedDelivery, seedEvent } from './support/services.js';
import { startApi, type TestApi } from './support/api.js';

const linkKey = 'a-key-for-links-in-mails-0123456789';
let api: TestApi;
let org: string;
beforeAll(async () => {
  api = await startApi({ env: { MAIL_LINK_KEY: linkKey } });
  org = await api.organization();
});
afterAll(() => api.stop());

const own = () => `/v1/organizations/${org}/audit-log?Limit=100`;
const entries = async (path: string, as?: string): Promise<AuditEntry[]> =>
  ((await api.call('get', path, as).expect(200)).body as { Data: AuditEntry[] }).Data;
const canary = 'Bearer canary-authorization-value';

test('every change of a webhook stands there: who, what, before and after, never a secret', async () => {
  const created = await api
    .call('post', `/v1/organizations/${org}/api-keys`)
    .send({ Name: 'CI', Scopes: ['webhooks:write', 'secrets:rotate', 'keys:manage'] })
    .expect(201);
  const key = created.body as { Id: string; Key: string; Prefix: string };
  const post = (path: string, body: object = {}) =>
    api.call('post', `/v1/organizations/${org}/webhooks${path}`, key.Key).send(body);
  const made = await post('', { Url: 'https://example.com/a', Topics: ['*'], Authorization: canary }).expect(
    201,
  );
  const { Id, SigningSecret } = made.body as { Id: string; SigningSecret: string };
  const patch = (body: object) =>
    api.call('patch', `/v1/organizations/${org}/webhooks/${Id}`, key.Key).send(body).expect(200);
  const patched = await patch({ Alias: 'orders', Url: 'https://example.com/b' });
  await patch({ Authorization: 'Bearer another-canary' });
  await post(`/${Id}/pause`).expect(200);
  await post(`/${Id}/pause`).expect(200);
  await post(`/${Id}/resume`).expect(200);
  const rotated = (await post(`/${Id}/rotate-secret`).expect(200)).body as { SigningSecret: string };
  await api.call('delete', `/v1/organizations/${org}/webhooks/${Id}`, key.Key).expect(204);
  await api.call('delete', `/v1/organizations/${org}/api-keys/${key.Id}`, key.Key).expect(204);

  const log = await entries(own());
  const ofKey = { Type: 'ApiKey', Id: key.Id, Prefix: key.Prefix };
  expect(log.map((entry) => [entry.Action, entry.Actor])).toEqual([
    ['api_key.deleted', ofKey],
    ['webhook.deleted', ofKey],
    ['webhook.secret_rotated', ofKey],
    ['webhook.resumed', ofKey],
    ['webhook.paused', ofKey],
    ['webhook.changed', ofKey],
    ['webhook.changed', ofKey],
    ['webhook.created', ofKey],
    ['api_key.created', { Type: 'AdminKey', Id: null, Prefix: null }],
  ]);
  const changed = log.filter((entry) => entry.Action === 'webhook.changed');
  expect(changed[1]).toMatchObject({
    OrganizationId: org,
    Resource: { Type: 'webhook', Id },
    Before: { Alias: null, Url: 'https://example.com/a' },
    After: { Alias: 'orders', Url: 'https://example.com/b' },
    RequestId: patched.headers['x-request-id'],
  });
  expect(changed[1]?.Before).toEqual({ Alias: null, Url: 'https://example.com/a' });
  expect(changed[0]).toMatchObject({ Before: {}, After: { Authorization: 'replaced' } });
  expect(log.find((entry) => entry.Action === 'webhook.created')).toMatchObject({
    Before: null,
    After: { Id, Url: 'https://example.com/a', HasAuthorization: true },
  });
  expect(log.find((entry) => entry.Action === 'webhook.deleted')).toMatchObject({
    Before: { Id },
    After: null,
  });
  const text = JSON.stringify(log);
  for (const secret of ['canary', SigningSecret, rotated.SigningSecret, key.Key]) {
    expect(text).not.toContain(secret);
  }
});

test('what the reader of an address decides stands there as theirs', async () => {
  const own = await api.organization();
  const Email = 'Ops <ops@example.com>';
  const { Id } = await api.webhook(own, { Type: 'email', Url: undefined, Email });
  const follow = async (purpose: MailLinkPurpose) => {
    const link = { purpose, organizationId: own, webhookId: Id, expiresAt: null };
    await api.call('post', `/v1/mail/${mailLinkToken(linkKey, link, Email)}`, null).expect(200);
  };
  await follow('confirm');
  await follow('confirm');
  await follow('unsubscribe');
  const log = await entries(`/v1/organizations/${own}/audit-log`);
  const reader = { Type: 'MailReader', Id: null, Prefix: null };
  expect(log.slice(0, 2)).toMatchObject([
    {
      Action: 'webhook.unsubscribed',
      Actor: reader,
      Before: { EmailConfirmedAt: expect.any(Number), State: 'enabled', DisabledReason: null },
      After: { EmailConfirmedAt: null, State: 'disabled', DisabledReason: 'gone' },
    },
    {
      Action: 'webhook.confirmed',
      Actor: reader,
      Before: { EmailConfirmedAt: null, State: 'paused' },
      After: { EmailConfirmedAt: expect.any(Number), State: 'enabled' },
    },
  ]);
  expect(log[2]).toMatchObject({ Action: 'webhook.created', After: { Email, EmailConfirmedAt: null } });
});

test('what is refused or rolled back leaves no entry', async () => {
  const before = (await entries(own())).length;
  await api
    .call('post', `/v1/organizations/${org}/webhooks`)
    .send({ Topics: ['*'] })
    .expect(422);
  api.services.away.add('setAuthorization');
  const webhook = await api.webhook(org);
  const path = `/v1/organizations/${org}/webhooks/${webhook.Id}`;
  await api.call('patch', path).send({ Authorization: canary }).expect(503);
  api.services.away.clear();
  await api.call('patch', path).set('If-Match', '"1"').send({ Alias: 'x' }).expect(412);
  const log = await entries(own());
  expect(log.slice(0, log.length - before).map((entry) => entry.Action)).toEqual(['webhook.created']);
});

test('changes of the installation are for the admin key, and outlive the organization', async () => {
  const short = await api.organization('Short');
  await api.call('patch', `/v1/organizations/${short}`).send({ Name: 'Shorter' }).expect(200);
  await api.call('delete', `/v1/organizations/${short}`).expect(204);
  const topic = '/v1/topics/audit.tested';
  await api.call('post', '/v1/topics').send({ Name: 'audit.tested' }).expect(201);
  await api.call('patch', topic).send({ Title: 'Tested', Deprecated: true }).expect(200);
  await api.call('delete', topic).expect(204);
  await api.database.query('UPDATE organizations SET deleted_at = 1 WHERE id = $1', [short]);
  await api.database.query('SELECT delete_expired_rows(30)');
  const log = await entries('/v1/audit-log?Limit=100');
  expect(log.slice(0, 6).map(({ Action, Resource }) => [Action, Resource.Id])).toEqual([
    ['topic.deleted', 'audit.tested'],
    ['topic.changed', 'audit.tested'],
    ['topic.created', 'audit.tested'],
    ['organization.deleted', short],
    ['organization.changed', short],
    ['organization.created', short],
  ]);
  expect(log[1]).toMatchObject({
    Before: { Title: null, Deprecated: false },
    After: { Title: 'Tested', Deprecated: true },
  });
  expect(log[4]).toMatchObject({ Before: { Name: 'Short' }, After: { Name: 'Shorter' } });
});

test('who made a portal link, and who sent what again', async () => {
  const key = await api.key(org, 'keys:manage', 'deliveries:resend');
  const made = await api
    .call('post', `/v1/organizations/${org}/portal-links`, key)
    .send({ Scopes: ['deliveries:read'], ExpiresInSeconds: 600 })
    .expect(201);
  const { Url, ExpiresAt } = made.body as { Url: string; ExpiresAt: number };
  const replays = `/v1/organizations/${org}/replays`;
  const webhook = await api.webhook(org);
  const event = await seedEvent(api.database, org, { id: 'evt_audit' });
  await seedDelivery(api.database, event, webhook.Id, { status: 'Failed' });
  const range = { From: 0, To: Date.now() + 60_000, Status: 'Failed' };
  await api
    .call('post', replays, key)
    .send({ ...range, DryRun: true })
    .expect(200);
  const replay = (await api.call('post', replays, key).send({ ...range, RatePerSecond: 1 })).body as Replay;
  for (let twice = 0; twice < 2; twice += 1)
    await api.call('delete', `${replays}/${replay.Id}`, key).expect(204);

  const log = (await entries(own())).slice(0, 5);
  expect(log.map((entry) => entry.Action)).toEqual([
    'replay.cancelled',
    'replay.created',
    'webhook.created',
    'portal_link.created',
    'api_key.created',
  ]);
  expect(log[0]).toMatchObject({
    Resource: { Type: 'replay', Id: replay.Id },
    After: { State: 'Cancelled' },
  });
  expect(log[1]).toMatchObject({
    Actor: { Type: 'ApiKey', Prefix: key.slice(0, 10) },
    Resource: { Type: 'replay', Id: replay.Id },
    After: { ...range, Total: 1, RatePerSecond: 1 },
  });
  expect(log[3]?.After).toEqual({ Scopes: ['deliveries:read'], ExpiresAt });
  expect(JSON.stringify(log)).not.toContain(Url.split('#')[1]);
});

test('it is paged', async () => {
  const first = await api.call('get', `/v1/organizations/${org}/audit-log?Limit=2`).expect(200);
  const { Data, NextCursor } = first.body as { Data: AuditEntry[]; NextCursor: string };
  expect(Data).toHaveLength(2);
  const next = await entries(`/v1/organizations/${org}/audit-log?Limit=2&Cursor=${NextCursor}`);
  expect(next[0]?.Id.localeCompare(Data[1]?.Id ?? '')).toBe(-1);
});

test('every kind of action has been seen in this file', async () => {
  const rows = await api.database.query<{ action: string }>('SELECT DISTINCT action FROM audit_log');
  expect(auditActions.filter((action) => !rows.some((row) => row.action === action))).toEqual([]);
});
