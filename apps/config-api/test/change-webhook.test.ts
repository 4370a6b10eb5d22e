import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startApi, type TestApi } from './support/api.js';

let api: TestApi;
let org: string;
beforeAll(async () => {
  api = await startApi();
  org = await api.organization();
});
afterAll(() => api.stop());

const path = (id = '') => `/v1/organizations/${org}/webhooks${id === '' ? '' : `/${id}`}`;

describe('changing', () => {
  const patch = (id: string, body: object, type = 'application/merge-patch+json') =>
    api.call('patch', path(id)).set('Content-Type', type).send(JSON.stringify(body));

  test.each(['application/merge-patch+json', 'application/json'])(
    'merges: what is not named stays, null unsets (%s)',
    async (type) => {
      const {
        Id,
        SigningSecret: _,
        ...before
      } = await api.webhook(org, {
        Alias: 'before',
        Filter: [{ Field: 'JobId', Operator: 'is', Value: 'x' }],
        TimeoutSeconds: 3,
        RetrySchedule: [],
        RateLimitPerSecond: 7,
      });
      const first = await patch(Id, { Alias: 'after' }, type).expect(200);
      expect(first.body).toEqual({ ...before, Id, Alias: 'after', UpdatedAt: expect.any(Number) });
      const second = await patch(
        Id,
        { Alias: null, Filter: null, TimeoutSeconds: null, RetrySchedule: null, RateLimitPerSecond: null },
        type,
      ).expect(200);
      expect(second.body).toMatchObject({
        Alias: null,
        Filter: null,
        TimeoutSeconds: 15,
        RetrySchedule: null,
        RateLimitPerSecond: null,
        Url: before['Url'],
      });
      const third = await patch(
        Id,
        { Url: 'https://example.org', Topics: ['job.execution.failed'], Filter: [] },
        type,
      );
      expect(third.body).toMatchObject({
        Url: 'https://example.org/',
        Topics: ['job.execution.failed'],
        Filter: [],
      });
      expect((await api.call('get', path(Id))).body).toEqual(third.body);
    },
  );

  test('an empty patch changes nothing', async () => {
    const { Id } = await api.webhook(org);
    const before = await api.call('get', path(Id));
    const after = await patch(Id, {}).expect(200);
    expect(after.body).toEqual(before.body);
    expect(after.headers['etag']).toBe(before.headers['etag']);
  });

  test('Authorization is written and unset, and never read', async () => {
    const { Id } = await api.webhook(org);
    const set = await patch(Id, { Authorization: 'Basic canary' }).expect(200);
    expect(set.body).toMatchObject({ HasAuthorization: true });
    expect(set.text).not.toContain('canary');
    const asked = { OrganizationId: org, WebhookId: Id };
    expect(api.services.askedFor('setAuthorization').at(-1)).toEqual({
      ...asked,
      Authorization: 'Basic canary',
    });
    const unset = await patch(Id, { Authorization: null }).expect(200);
    expect(unset.body).toMatchObject({ HasAuthorization: false });
    expect(api.services.askedFor('setAuthorization').at(-1)).toEqual({ ...asked, Authorization: null });
  });

  test('a signer that is away leaves the webhook as it was', async () => {
    const { Id } = await api.webhook(org);
    const before = await api.call('get', path(Id));
    api.services.away.add('setAuthorization');
    await patch(Id, { Alias: 'new', Authorization: 'x' }).expect(503);
    api.services.away.clear();
    const after = await api.call('get', path(Id));
    expect(after.body).toEqual(before.body);
    expect(after.headers['etag']).toBe(before.headers['etag']);
  });

  test.each<[object, string]>([
    [{ Url: null }, '/Url'],
    [{ Topics: null }, '/Topics'],
    [{ Type: null }, '/Type'],
    [{ Type: 'slack' }, '/Type'],
    [{ Email: 'a@example.com' }, '/Email'],
    [{ Url: 'https://10.0.0.1' }, '/Url'],
    [{ Topics: ['no.such'] }, '/Topics/0'],
    [{ Id: 'x' }, '/Id'],
    [{ State: 'paused' }, '/State'],
    [[], ''],
  ])('%j is refused at %j', async (body, pointer) => {
    const { Id } = await api.webhook(org);
    const response = await patch(Id, body).expect(422);
    expect((response.body as { errors: object[] }).errors[0]).toMatchObject({ pointer });
  });

  test('If-Match: the present version or *, else 412 and nothing happens', async () => {
    const { Id } = await api.webhook(org);
    const etag = (await api.call('get', path(Id))).headers['etag'] ?? '';
    expect(etag).toMatch(/^"\d+"$/);
    const first = await patch(Id, { Alias: 'one' }).set('If-Match', etag).expect(200);
    expect(first.headers['etag']).not.toBe(etag);
    for (const stale of [etag, `W/${first.headers['etag']}`, '"x"', 'nonsense', '""']) {
      const refused = await patch(Id, { Alias: 'two' }).set('If-Match', stale).expect(412);
      expect(refused.body).toMatchObject({ code: 'version_mismatch' });
      await api.call('delete', path(Id)).set('If-Match', stale).expect(412);
    }
    expect((await api.call('get', path(Id))).body).toMatchObject({ Alias: 'one' });
    await patch(Id, { Alias: 'three' }).set('If-Match', '*').expect(200);
    const listed = await patch(Id, { Alias: 'four' }).set(
      'If-Match',
      `"0", ${(await api.call('get', path(Id))).headers['etag']}`,
    );
    expect(listed.status).toBe(200);
    await api
      .call('delete', path(Id))
      .set('If-Match', listed.headers['etag'] ?? '')
      .expect(204);
  });

  test('of patches at the same time with the same If-Match one wins', async () => {
    const { Id } = await api.webhook(org);
    const etag = (await api.call('get', path(Id))).headers['etag'] ?? '';
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, index) => patch(Id, { Alias: `a${index}` }).set('If-Match', etag)),
    );
    expect(answers.map((answer) => answer.status).sort()).toEqual([200, ...Array<number>(7).fill(412)]);
  });

  test('a webhook keeps the topics that have left the catalog', async () => {
    await api.call('post', '/v1/topics').send({ Name: 'passing.by' }).expect(201);
    const { Id } = await api.webhook(org, { Topics: ['passing.by'] });
    await api.call('delete', '/v1/topics/passing.by').expect(204);
    const answer = await patch(Id, { Alias: 'still' }).expect(200);
    expect(answer.body).toMatchObject({ Topics: ['passing.by'] });
  });
});
