import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Webhook } from '@postrider/contracts';
import { newId } from '@postrider/database';
import { startApi, type TestApi } from './support/api.js';

let api: TestApi;
let org: string;
beforeAll(async () => {
  api = await startApi();
  org = await api.organization();
});
afterAll(() => api.stop());

const path = (id = '') => `/v1/organizations/${org}/webhooks${id === '' ? '' : `/${id}`}`;
const wanted = { Url: 'https://example.com/hook', Topics: ['job.execution.*'] };

describe('creating', () => {
  test('the least: every documented key is there, and the secret this once', async () => {
    const created = await api.call('post', path()).send(wanted).expect(201);
    const { SigningSecret, ...webhook } = created.body as Record<string, unknown>;
    expect(SigningSecret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    expect(Webhook.parse(webhook)).toEqual(webhook);
    expect(webhook).toEqual({
      Id: expect.any(String),
      OrganizationId: org,
      Alias: null,
      Type: 'webhook',
      Url: 'https://example.com/hook',
      Email: null,
      EmailConfirmedAt: null,
      HasAuthorization: false,
      Topics: ['job.execution.*'],
      Filter: null,
      State: 'enabled',
      DisabledReason: null,
      TimeoutSeconds: 15,
      RetrySchedule: null,
      RateLimitPerSecond: null,
      SecretCreatedAt: expect.any(Number),
      PreviousSecretExpiresAt: null,
      LastSucceededAt: null,
      LastFailedAt: null,
      CreatedAt: expect.any(Number),
      UpdatedAt: webhook['CreatedAt'],
    });
    const read = await api.call('get', path(String(webhook['Id']))).expect(200);
    expect(read.body).toEqual(webhook);
    expect(read.headers['etag']).toBe(created.headers['etag']);
  });

  test('all of it', async () => {
    const all = {
      Alias: 'مرحبا 💩',
      Type: 'webhook',
      Url: 'https://bücher.example:443/Pfad?q=ü',
      Authorization: 'Bearer canary-authorization',
      Topics: ['*', 'job.execution.failed', 'webhook.ping'],
      Filter: [
        { Field: 'JobId', Operator: 'is', Value: 'a\u0000b' },
        { Field: 'Data.A.0.b', Operator: 'matches', Value: '^a+$' },
        { Field: 'Resource', Operator: 'is_not', Value: null },
      ],
      TimeoutSeconds: 30,
      RetrySchedule: [1, 604_800],
      RateLimitPerSecond: 10_000,
    };
    const created = await api.call('post', path()).send(all).expect(201);
    const { Authorization, ...shown } = all;
    expect(created.body).toMatchObject({
      ...shown,
      Url: 'https://xn--bcher-kva.example/Pfad?q=%C3%BC',
      HasAuthorization: true,
    });
    const { Id, SigningSecret } = created.body as { Id: string; SigningSecret: string };
    expect(api.services.askedFor('createSecret').at(-1)).toEqual({
      OrganizationId: org,
      WebhookId: Id,
      Authorization,
    });
    for (const answer of [await api.call('get', path(Id)), await api.call('get', path())]) {
      expect(answer.text).not.toContain(SigningSecret);
      expect(answer.text).not.toContain('canary-authorization');
      expect(answer.text).not.toContain('SigningSecret');
    }
    const [row] = await api.database.query<{ text: string }>(
      'SELECT w::text AS text FROM webhooks w WHERE id = $1',
      [Id],
    );
    expect(row?.text).not.toContain('canary');
    expect(row?.text).not.toContain(SigningSecret);
  });

  test.each<[object, string, string]>([
    [{ Url: undefined }, '/Url', 'invalid_fields'],
    [{ Url: null }, '/Url', 'invalid_fields'],
    [{ Url: '' }, '/Url', 'invalid_fields'],
    [{ Url: 'https://example.com/' + 'x'.repeat(2048) }, '/Url', 'invalid_fields'],
    [{ Url: 'nonsense' }, '/Url', 'url_forbidden'],
    [{ Url: 'http://example.com' }, '/Url', 'url_forbidden'],
    [{ Url: 'ftp://example.com' }, '/Url', 'url_forbidden'],
    [{ Url: 'https://u:p@example.com' }, '/Url', 'url_forbidden'],
    [{ Url: 'https://example.com/#a' }, '/Url', 'url_forbidden'],
    [{ Url: 'https://127.0.0.1' }, '/Url', 'url_forbidden'],
    [{ Url: 'https://0x7f.1' }, '/Url', 'url_forbidden'],
    [{ Url: 'https://[::1]' }, '/Url', 'url_forbidden'],
    [{ Url: 'https://localhost' }, '/Url', 'url_forbidden'],
    [{ Url: 'https://169.254.169.254/latest' }, '/Url', 'url_forbidden'],
    [{ Url: 'https://example.com:22' }, '/Url', 'url_forbidden'],
    [{ Topics: undefined }, '/Topics', 'invalid_fields'],
    [{ Topics: [] }, '/Topics', 'invalid_fields'],
    [{ Topics: {} }, '/Topics', 'invalid_fields'],
    [{ Topics: 'job.execution.failed' }, '/Topics', 'invalid_fields'],
    [{ Topics: ['*', '*'] }, '/Topics', 'invalid_fields'],
    [{ Topics: ['*', 'job.*.failed'] }, '/Topics/1', 'invalid_fields'],
    [{ Topics: ['*', 'no.such.topic'] }, '/Topics/1', 'unknown_topic'],
    [{ Topics: ['nothing.*'] }, '/Topics/0', 'unknown_topic'],
    [{ Type: 'slack', Url: undefined }, '/Url', 'invalid_fields'],
    [{ Type: 'slack', Authorization: 'Bearer x' }, '/Authorization', 'invalid_fields'],
    [{ Type: 'slack', Email: 'a@example.com' }, '/Email', 'invalid_fields'],
    [{ Type: 'slack', Url: 'http://hooks.slack.com/services/T/B/x' }, '/Url', 'url_forbidden'],
    [{ Type: 'teams', Url: 'https://example.com/workflow' }, '/Url', 'url_forbidden'],
    [{ Type: 'teams', Url: 'https://evil-logic.azure.com.example.com/' }, '/Url', 'url_forbidden'],
    [{ Type: 'teams', Url: 'https://notlogic.azure.com/' }, '/Url', 'url_forbidden'],
    [{ Type: 'teams', Url: 'https://acme.webhook.office.com/webhookb2/x' }, '/Url', 'url_forbidden'],
    [{ Type: 'email', Url: undefined, Email: 'a@example.com' }, '/Type', 'invalid_fields'],
    [{ Type: 'carrier pigeon' }, '/Type', 'invalid_fields'],
    [{ Email: 'a@example.com' }, '/Email', 'invalid_fields'],
    [{ Alias: '' }, '/Alias', 'invalid_fields'],
    [{ Alias: 'x'.repeat(101) }, '/Alias', 'invalid_fields'],
    [{ Authorization: 'a\r\nb' }, '/Authorization', 'invalid_fields'],
    [{ Authorization: 'ü' }, '/Authorization', 'invalid_fields'],
    [{ Authorization: '' }, '/Authorization', 'invalid_fields'],
    [{ Authorization: 'x'.repeat(4097) }, '/Authorization', 'invalid_fields'],
    [{ Filter: {} }, '/Filter', 'invalid_fields'],
    [{ Filter: [{ Field: 'Nope', Operator: 'is', Value: 1 }] }, '/Filter/0/Field', 'invalid_fields'],
    [{ Filter: [{ Field: '__proto__', Operator: 'is', Value: 1 }] }, '/Filter/0/Field', 'invalid_fields'],
    [{ Filter: [{ Field: 'JobId', Operator: 'like', Value: 1 }] }, '/Filter/0/Operator', 'invalid_fields'],
    [
      { Filter: [{ Field: 'JobId', Operator: 'matches', Value: '(?=a)' }] },
      '/Filter/0/Value',
      'invalid_fields',
    ],
    [{ Filter: [{ Field: 'JobId', Operator: 'is', Value: {} }] }, '/Filter/0/Value', 'invalid_fields'],
    [{ Filter: [{ Field: 'JobId', Operator: 'is' }] }, '/Filter/0/Value', 'invalid_fields'],
    [{ Filter: [{ Field: 'JobId', Operator: 'is', Value: 1, Or: 2 }] }, '/Filter/0/Or', 'invalid_fields'],
    [{ Filter: Array(21).fill({ Field: 'JobId', Operator: 'is', Value: 1 }) }, '/Filter', 'invalid_fields'],
    [{ TimeoutSeconds: 0 }, '/TimeoutSeconds', 'invalid_fields'],
    [{ TimeoutSeconds: 31 }, '/TimeoutSeconds', 'invalid_fields'],
    [{ TimeoutSeconds: 1.5 }, '/TimeoutSeconds', 'invalid_fields'],
    [{ TimeoutSeconds: '15' }, '/TimeoutSeconds', 'invalid_fields'],
    [{ RetrySchedule: [0] }, '/RetrySchedule/0', 'invalid_fields'],
    [{ RetrySchedule: [604_801] }, '/RetrySchedule/0', 'invalid_fields'],
    [{ RetrySchedule: Array(21).fill(1) }, '/RetrySchedule', 'invalid_fields'],
    [{ RateLimitPerSecond: 0 }, '/RateLimitPerSecond', 'invalid_fields'],
    [{ RateLimitPerSecond: 2 ** 53 }, '/RateLimitPerSecond', 'invalid_fields'],
    [{ State: 'paused' }, '/State', 'invalid_fields'],
    [{ Secret: 'x' }, '/Secret', 'invalid_fields'],
  ])('with %j is refused at %s', async (fields, pointer, code) => {
    const asked = api.services.asked.length;
    const response = await api
      .call('post', path())
      .send({ ...wanted, ...fields })
      .expect(422);
    const body = response.body as { code: string; errors: { pointer: string }[] };
    expect(body.code).toBe(code);
    expect(new Set(body.errors.map((error) => error.pointer))).toEqual(new Set([pointer]));
    expect(api.services.asked.length).toBe(asked);
  });

  test('names every wrong field at once', async () => {
    const response = await api
      .call('post', path())
      .send({ Url: 'http://10.0.0.1', Topics: ['a.b'], Filter: [{ Field: 'x', Operator: 'is', Value: 1 }] })
      .expect(422);
    expect(response.body).toMatchObject({
      code: 'invalid_fields',
      errors: [{ pointer: '/Url' }, { pointer: '/Topics/0' }, { pointer: '/Filter/0/Field' }],
    });
  });

  test('without a signer is 503 with Retry-After, and leaves nothing', async () => {
    const before = await api.database.query('SELECT id FROM webhooks');
    api.services.away.add('createSecret');
    const response = await api.call('post', path()).send(wanted).expect(503);
    expect(response.body).toMatchObject({ code: 'unavailable' });
    expect(Number(response.headers['retry-after'])).toBeGreaterThan(0);
    api.services.away.clear();
    expect(await api.database.query('SELECT id FROM webhooks')).toEqual(before);
  });
});

describe('deleting', () => {
  test('makes it 404 everywhere, cancels what is pending and gives up the secret', async () => {
    const { Id } = await api.webhook(org);
    await api.call('delete', path(Id)).expect(204);
    await api.call('get', path(Id)).expect(404);
    await api.call('patch', path(Id)).send({ Alias: 'x' }).expect(404);
    await api.call('delete', path(Id)).expect(404);
    for (const action of ['rotate-secret', 'pause', 'resume', 'ping']) {
      await api.call('post', `${path(Id)}/${action}`).expect(404);
    }
    const listed = await api.call('get', `${path()}?Limit=100`);
    expect(listed.text).not.toContain(Id);
    const ids = { OrganizationId: org, WebhookId: Id };
    expect(api.services.askedFor('cancelPending')).toContainEqual(ids);
    expect(api.services.askedFor('deleteSecrets')).toContainEqual(ids);
  });
});

test('the list: newest first, page by page, with the health of each', async () => {
  const own = await api.organization();
  const made: string[] = [];
  for (let index = 0; index < 5; index += 1) made.push((await api.webhook(own)).Id);
  await api.database.query(
    'INSERT INTO webhook_health (webhook_id, organization_id, last_succeeded_at, last_failed_at) VALUES ($1, $2, 5, 6)',
    [made[2], own],
  );
  const seen: { Id: string; LastSucceededAt: number | null; LastFailedAt: number | null }[] = [];
  let query = '?Limit=2';
  for (;;) {
    const page = await api.call('get', `/v1/organizations/${own}/webhooks${query}`).expect(200);
    const { Data, NextCursor } = page.body as { Data: typeof seen; NextCursor: string | null };
    seen.push(...Data);
    if (NextCursor === null) break;
    query = `?Limit=2&Cursor=${NextCursor}`;
  }
  expect(seen.map((one) => one.Id)).toEqual([...made].reverse());
  expect(seen.map((one) => [one.LastSucceededAt, one.LastFailedAt])).toEqual([
    [null, null],
    [null, null],
    [5, 6],
    [null, null],
    [null, null],
  ]);
  await api.call('get', `/v1/organizations/${own}/webhooks/${newId()}`).expect(404);
});
