import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { newId } from '@postrider/database';
import { startApi, type TestApi } from './support/api.js';

let api: TestApi;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.stop());

interface OrganizationBody {
  readonly Id: string;
  readonly Name: string;
  readonly CreatedAt: number;
  readonly UpdatedAt: number;
}

describe('organizations', () => {
  test('are created, read, changed and listed', async () => {
    const before = Date.now();
    const created = await api.call('post', '/v1/organizations').send({ Name: 'Björk 💩' }).expect(201);
    const organization = created.body as OrganizationBody;
    expect(organization).toEqual({
      Id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      Name: 'Björk 💩',
      CreatedAt: expect.any(Number),
      UpdatedAt: organization.CreatedAt,
    });
    expect(Math.abs(organization.CreatedAt - before)).toBeLessThan(5_000);
    const read = await api.call('get', `/v1/organizations/${organization.Id}`).expect(200);
    expect(read.body).toEqual(organization);

    const changed = await api
      .call('patch', `/v1/organizations/${organization.Id}`)
      .set('Content-Type', 'application/merge-patch+json')
      .send(JSON.stringify({ Name: 'Other' }))
      .expect(200);
    expect(changed.body).toMatchObject({
      Id: organization.Id,
      Name: 'Other',
      CreatedAt: organization.CreatedAt,
    });
    const unchanged = await api.call('patch', `/v1/organizations/${organization.Id}`).send({}).expect(200);
    expect(unchanged.body).toEqual(changed.body);
  });

  test('take an Id of the caller, once', async () => {
    const Id = newId();
    await api.call('post', '/v1/organizations').send({ Name: 'First', Id: Id.toUpperCase() }).expect(201);
    const again = await api.call('post', '/v1/organizations').send({ Name: 'Second', Id }).expect(409);
    expect(again.type).toBe('application/problem+json');
    expect(again.body).toMatchObject({ code: 'already_exists', status: 409, errors: [{ pointer: '/Id' }] });
    expect((await api.call('get', `/v1/organizations/${Id}`)).body).toMatchObject({ Id, Name: 'First' });

    await api.call('delete', `/v1/organizations/${Id}`).expect(204);
    await api.call('post', '/v1/organizations').send({ Name: 'Third', Id }).expect(409);
  });

  test('are listed newest first, page by page, each once', async () => {
    const made: string[] = [];
    for (let index = 0; index < 7; index += 1) made.push(await api.organization(`paged ${index}`));
    const seen: OrganizationBody[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const page = await api
        .call('get', `/v1/organizations?Limit=3${cursor === '' ? '' : `&Cursor=${cursor}`}`)
        .expect(200);
      const { Data, NextCursor } = page.body as { Data: OrganizationBody[]; NextCursor: string | null };
      expect(Data.length).toBeLessThanOrEqual(3);
      seen.push(...Data);
      cursor = NextCursor;
    }
    expect(seen.map((one) => one.Id).filter((id) => made.includes(id))).toEqual([...made].reverse());
    expect(new Set(seen.map((one) => one.Id)).size).toBe(seen.length);
  });

  test('a deleted one is gone at once, with its keys and webhooks, and its secrets are given up', async () => {
    const id = await api.organization();
    const key = await api.key(id, 'webhooks:read', 'keys:manage');
    const webhook = await api.webhook(id);
    await api.call('get', `/v1/organizations/${id}/webhooks`, key).expect(200);

    await api.call('delete', `/v1/organizations/${id}`).expect(204);
    await api.call('get', `/v1/organizations/${id}/webhooks`, key).expect(401);
    for (const path of ['', '/webhooks', `/webhooks/${webhook.Id}`, '/api-keys', '/deliveries', '/stats']) {
      await api.call('get', `/v1/organizations/${id}${path}`).expect(404);
    }
    await api.call('delete', `/v1/organizations/${id}`).expect(404);
    await api.call('patch', `/v1/organizations/${id}`).send({ Name: 'x' }).expect(404);
    const listed = await api.call('get', '/v1/organizations?Limit=100');
    expect((listed.body as { Data: OrganizationBody[] }).Data.map((one) => one.Id)).not.toContain(id);

    expect(api.services.askedFor('deleteSecrets')).toContainEqual({ OrganizationId: id, WebhookId: null });
    expect(api.services.askedFor('cancelPending')).toContainEqual({
      OrganizationId: id,
      WebhookId: webhook.Id,
    });
    const [row] = await api.database.query(
      'SELECT deleted_at, secret_created_at FROM webhooks WHERE id = $1',
      [webhook.Id],
    );
    expect(row).toEqual({ deleted_at: expect.any(Number), secret_created_at: null });
  });

  test.each<[unknown, string]>([
    [{}, '/Name'],
    [{ Name: 5 }, '/Name'],
    [{ Name: '' }, '/Name'],
    [{ Name: '   ' }, '/Name'],
    [{ Name: 'a\0b' }, '/Name'],
    [{ Name: 'a\nb' }, '/Name'],
    [{ Name: '\ud83d' }, '/Name'],
    [{ Name: 'x'.repeat(101) }, '/Name'],
    [{ Name: 'x', Id: 'no-uuid' }, '/Id'],
    [{ Name: 'x', Extra: 1 }, '/Extra'],
    [JSON.parse('{"Name":"x","__proto__":{"a":1}}'), '/__proto__'],
    [{ Name: 'x', constructor: 1 }, '/constructor'],
    [[], ''],
    ['text', ''],
    [null, ''],
  ])('%j is refused at %j', async (body, pointer) => {
    const response = await api
      .call('post', '/v1/organizations')
      .set('Content-Type', 'application/json')
      .send(JSON.stringify(body))
      .expect(422);
    expect(response.body).toMatchObject({ code: 'invalid_fields', errors: [{ pointer }] });
  });

  test('a name of 100 emoji is a name of 100 characters', async () => {
    await api
      .call('post', '/v1/organizations')
      .send({ Name: '💩'.repeat(100) })
      .expect(201);
    await api
      .call('post', '/v1/organizations')
      .send({ Name: '💩'.repeat(101) })
      .expect(422);
  });
});
