// Canaries: a signing secret, an API key, an Authorization value and an event's body go the whole way, well and badly.
// None of them turns up where it does not belong.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { ApiKeyCreated, DeliveryWithAttempts, WebhookWithSecret } from '@postrider/contracts';
import { Messaging } from '@postrider/messaging';
import {
  sendRequest,
  startReceiver,
  startSystem,
  waitFor,
  type Receiver,
  type TestSystem,
} from '@postrider/test-kit';
import { Customer, hasStatus } from './support/client.js';

const authorization = 'Bearer canary-authorization-0f3a';
const bodyText = 'canary-body-77c1';

let system: TestSystem;
let receiver: Receiver;
let watcher: Messaging;
const heard: { readonly subject: string; readonly text: string }[] = [];
beforeAll(async () => {
  system = await startSystem({ env: { LOG_LEVEL: 'trace' } });
  receiver = await startReceiver();
  watcher = await Messaging.open({ natsUrl: system.nats.url, name: 'watcher', onStatus: () => undefined });
  watcher.subscribe('>', ({ subject, data }) =>
    heard.push({ subject, text: Buffer.from(data).toString('utf8') }),
  );
  await watcher.flush();
});
afterAll(async () => {
  await watcher.close();
  await receiver.stop();
  await system.stop();
});

/** Rows as text, sealed bytes as hex. */
async function storedText(): Promise<string> {
  const tables = await system.database.query<{ name: string }>(
    `SELECT relname AS name FROM pg_class
     WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition`,
  );
  const texts = await Promise.all(
    tables.map(({ name }) =>
      system.database.query<{ text: string }>(`SELECT t::text AS text FROM ${name} t`),
    ),
  );
  return texts.flatMap((rows) => rows.map((row) => row.text)).join('\n');
}

test('secrets, keys and Authorization values leave no trace; bodies none outside of the log', async () => {
  const customer = await Customer.signUp(system);
  const key = await customer.call<ApiKeyCreated>(
    'POST',
    '/api-keys',
    { Name: 'canary', Scopes: ['events:publish', 'webhooks:write'] },
    201,
  );
  const good = await customer.addWebhook(`${receiver.url}/good`, { Authorization: authorization });
  const refused = await customer.addWebhook('http://127.0.0.1:1/refused', { Authorization: authorization });
  const event = { Id: 'evt_canary', Topic: 'job.execution.failed', Data: { Text: bodyText } };
  await system.ingest('POST', `${customer.path}/events`, event, { key: key.Key });
  const delivery = await customer.settled('evt_canary', hasStatus('Succeeded'));
  await customer.call('PATCH', `/webhooks/${good.Id}`, { Authorization: `${authorization}-2` }, 200);
  const rotated = await customer.call<WebhookWithSecret>(
    'POST',
    `/webhooks/${good.Id}/rotate-secret`,
    {},
    200,
  );
  const ping = await customer.call<DeliveryWithAttempts>('POST', `/webhooks/${refused.Id}/ping`, {}, 200);
  expect(ping.Attempts[0]?.Error?.Code).toBe('connection_refused');
  const problems = await Promise.all([
    system.ingest('POST', `${customer.path}/events`, `{"Data":{"x":"${bodyText}"`),
    system.ingest('POST', `${customer.path}/events`, { Topic: 'no.such', Data: { Text: bodyText } }),
    system.api('POST', `${customer.path}/webhooks`, {
      Url: 'https://a.example/',
      Topics: ['*'],
      Authorization: `${authorization}\n`,
    }),
    system.api('GET', '/v1/organizations', undefined, { key: `${key.Key}x` }),
  ]);
  for (const problem of problems) expect(problem.status).toBeGreaterThanOrEqual(400);
  // The receiver did get what it is owed, and the watcher can see what the signer answers: this test can fail.
  const [request] = await receiver.waitForRequests(1);
  expect(request?.header('Authorization')).toBe(authorization);
  await waitFor('the answer of the signer', () => heard.some(({ text }) => text.includes(authorization)));

  const metrics = await Promise.all(
    (['config-api', 'event-ingest', 'dispatcher', 'signer'] as const).map(
      async (name) => (await sendRequest('GET', `${system.service(name).url}/metrics`)).text,
    ),
  );
  const toSigner = /^(postrider\.signer\.v1\.|_SVC\.)/;
  const logs = await waitFor('the logs to be written', () => {
    const text = system.logs(1_000_000);
    return text.includes(delivery.Id) ? text : null;
  });
  const places: Record<string, string> = {
    logs,
    metrics: metrics.join('\n'),
    problems: problems.map(({ text }) => text).join('\n'),
    KV: heard
      .filter(({ subject }) => subject.startsWith('$KV.'))
      .map(({ text }) => text)
      .join('\n'),
  };
  const secrets = [
    good.SigningSecret,
    refused.SigningSecret,
    rotated.SigningSecret,
    key.Key,
    system.adminApiKey,
  ];
  const values = [
    ...secrets,
    ...secrets.map((secret) => String(secret).replace('whsec_', '')),
    authorization,
  ];
  for (const [place, text] of Object.entries(places)) {
    expect([place, text.length > 0]).toEqual([place, true]);
    for (const value of [...values, bodyText])
      expect([place, text.includes(String(value))]).toEqual([place, false]);
  }
  const otherwise: Record<string, string> = {
    NATS: heard
      .filter(({ subject }) => !toSigner.test(subject))
      .map(({ text }) => text)
      .join('\n'),
    database: await storedText(),
    'delivery log': JSON.stringify([await customer.delivery(delivery.Id), ping]),
    'audit log': JSON.stringify(await customer.call('GET', '/audit-log', undefined, 200)),
  };
  for (const [place, text] of Object.entries(otherwise)) {
    for (const value of values) expect([place, text.includes(String(value))]).toEqual([place, false]);
  }
  expect(otherwise['delivery log']).toMatch(/"Authorization":"[^"]*\*+/);
});
