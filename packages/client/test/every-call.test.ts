// Whatever the API's document lists, the client can call.
import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { PostriderClient } from '../src/index.js';

interface ApiDocument {
  readonly paths: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

/** For probes and Prometheus, not for programs that use the API. */
const operators = ['GET /health/live', 'GET /health/ready', 'GET /metrics'];

function documentedCalls(): string[] {
  const path = new URL('../../../docs/api/openapi.json', import.meta.url);
  const document = JSON.parse(readFileSync(path, 'utf8')) as ApiDocument;
  return Object.entries(document.paths)
    .flatMap(([url, operations]) => Object.keys(operations).map((method) => `${method.toUpperCase()} ${url}`))
    .filter((call) => !operators.includes(call))
    .sort();
}

test('every call of the OpenAPI document has a method', async () => {
  const calls = new Set<string>();
  const fetch: typeof globalThis.fetch = (url, init) => {
    if (typeof url === 'string') calls.add(`${init?.method ?? ''} ${decodeURIComponent(url)}`);
    return Promise.resolve(new Response('{}'));
  };
  const client = new PostriderClient({ apiUrl: '', fetch });
  // As they stand in the document, but for the encoding.
  const [id, name] = ['{id}', '{name}'];
  const org = client.organization('{org}');
  const { webhooks, deliveries, replays, events, apiKeys } = org;
  const enough = new AbortController();
  await Promise.all([
    client.signIn({ Key: 'k' }),
    client.session(),
    client.signOut(),
    client.system(),
    client.auditLog(),
    client.rejectedEvents(),
    client.topics(),
    client.createTopic({ Name: 'a.b' }),
    client.topic(name),
    client.changeTopic(name, {}),
    client.deleteTopic(name),
    client.organizations(),
    client.createOrganization({ Name: 'Acme' }),
    client.deleteOrganization('{org}'),
    org.get(),
    org.change({}),
    org.stats(),
    org.auditLog(),
    org.testFilter({ Filter: null }),
    org.createPortalLink({ Scopes: ['webhooks:read'] }),
    org.live({ onOpen: () => enough.abort(), signal: enough.signal }).next(),
    apiKeys.list(),
    apiKeys.create({ Name: 'k', Scopes: ['webhooks:read'] }),
    apiKeys.delete(id),
    webhooks.list(),
    webhooks.create({ Url: 'https://example.com', Topics: ['*'] }),
    webhooks.get(id),
    webhooks.change(id, {}),
    webhooks.delete(id),
    webhooks.rotateSecret(id),
    webhooks.sendConfirmation(id),
    webhooks.pause(id),
    webhooks.resume(id),
    webhooks.ping(id),
    webhooks.sendExample(id, 'a.b'),
    deliveries.list(),
    deliveries.get(id),
    deliveries.resend(id),
    replays.list(),
    replays.create({ From: 0, To: 1 }),
    replays.get(id),
    replays.cancel(id),
    events.list(),
    events.publish({ Topic: 'a.b', Data: {} }),
    events.get(id),
    events.rejected(),
  ]);
  expect([...calls].sort()).toEqual(documentedCalls());
});
