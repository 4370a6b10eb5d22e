// With the first wall between organizations taken away (the guard no longer compares the path with the key), row-level
// security still shows and changes nothing of another's.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { ExecutionContext } from '@nestjs/common';
import { scopes } from '@postrider/contracts';
import { ApiKeyGuard, Authenticator, type CallerRequest } from '@postrider/runtime';
import { seedAttempt, seedDelivery, seedEvent } from './support/services.js';
import { startApi, type TestApi } from './support/api.js';

type Method = 'get' | 'post' | 'patch' | 'delete';

let api: TestApi;
let victim: string;
let stranger: string;
let ids: Record<string, string>;
const guard = Object.getOwnPropertyDescriptor(ApiKeyGuard.prototype, 'canActivate');
beforeAll(async () => {
  api = await startApi();
  victim = await api.organization('Victim');
  stranger = await api.key(await api.organization('Stranger'), ...scopes);
  const webhook = await api.webhook(victim, { Alias: 'victims-alias' });
  const event = await seedEvent(api.database, victim, {
    id: 'victims-event',
    data: '{"JobId":"victims-data"}',
  });
  const delivery = await seedDelivery(api.database, event, webhook.Id);
  await seedAttempt(api.database, delivery);
  const key = await api
    .call('post', `/v1/organizations/${victim}/api-keys`)
    .send({ Name: 'victims-key', Scopes: ['webhooks:read'] });
  ids = { webhooks: webhook.Id, deliveries: delivery, events: event.id };
  ids['api-keys'] = (key.body as { Id: string }).Id;
  ApiKeyGuard.prototype.canActivate = async (context: ExecutionContext) => {
    const request = context.switchToHttp().getRequest<CallerRequest>();
    request.caller = await api.app.get(Authenticator).authenticate(request.headers.authorization);
    return true;
  };
});
afterAll(async () => {
  if (guard !== undefined) Object.defineProperty(ApiKeyGuard.prototype, 'canActivate', guard);
  await api.stop();
});

test("no route answers with, or changes, what is another organization's", async () => {
  const document = (await api.call('get', '/openapi.json')).body as {
    paths: Record<string, Record<string, object>>;
  };
  const state = () =>
    api.database.query(
      `SELECT (SELECT json_agg(w) FROM webhooks w WHERE organization_id = $1) AS webhooks,
         (SELECT json_agg(k) FROM api_keys k WHERE organization_id = $1) AS keys,
         (SELECT json_agg(o) FROM organizations o WHERE id = $1) AS organizations`,
      [victim],
    );
  const before = await state();
  const routes = Object.entries(document.paths)
    // Without the live stream, which has no end to wait for.
    .filter(([path]) => path.startsWith('/v1/organizations/{org}') && !path.endsWith('/live'))
    .flatMap(([path, item]) => Object.keys(item).map((method): [Method, string] => [method as Method, path]));
  expect(routes.length).toBeGreaterThan(20);
  for (const [method, template] of routes) {
    const path = template
      .replace('{org}', victim)
      .replace(/([\w-]+)\/\{\w+\}/g, (_, list: string) => `${list}/${ids[list] ?? ids['webhooks']}`);
    const body = { Name: 'x', Url: 'https://example.com/', Topics: ['*'], Scopes: ['webhooks:read'] };
    const sent = method === 'get' ? {} : template.endsWith('{id}') ? { Alias: 'taken' } : body;
    const reply = await api.call(method, path, stranger).send(method === 'get' ? undefined : sent);
    expect([method, template, reply.text]).not.toEqual([
      method,
      template,
      expect.stringMatching(/victims-|Victim/),
    ]);
  }
  expect(await state()).toEqual(before);
});

test('the own organization is served as before', async () => {
  const own = await api.call('get', `/v1/organizations/${victim}/webhooks`).expect(200);
  expect((own.body as { Data: unknown[] }).Data).toHaveLength(1);
});
