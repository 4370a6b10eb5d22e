// Slack, Teams and mail, each to a real local server that enforces the service's limits; CloudEvents in, messages out.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { AcceptedEvent, EventDetail, Webhook } from '@postrider/contracts';
import {
  sendRequest,
  startMailServer,
  startReceiver,
  startSlack,
  startSystem,
  startTeams,
  type MailServer,
  type Receiver,
  type TestSystem,
} from '@postrider/test-kit';
import { Customer, hasStatus } from './support/client.js';

let mail: MailServer;
let slack: Receiver;
let teams: Receiver;
let receiver: Receiver;
let system: TestSystem;
beforeAll(async () => {
  [mail, slack, teams, receiver] = await Promise.all([
    startMailServer(),
    startSlack(),
    startTeams(),
    startReceiver(),
  ]);
  system = await startSystem({
    env: {
      SMTP_URL: mail.url,
      MAIL_FROM: 'Postrider <post@example.com>',
      MAIL_LINK_KEY: 'a-key-for-links-in-mails-0123456789',
    },
  });
});
afterAll(async () => {
  await system.stop();
  await Promise.all([mail, slack, teams, receiver].map((server) => server.stop()));
});

const failed = (Id: string) => ({
  Id,
  Topic: 'job.execution.failed',
  Data: { Alias: `Nightly <${Id}>`, State: 'Failed', ExitCode: 137, Message: 'out of memory' },
});
/** Long: what piles up may wait for a minute. */
const timeoutMs = 100_000;

test.each([
  ['slack', () => slack, 200],
  ['teams', () => teams, 202],
] as const)('%s: the message is taken, and recorded as it was sent', async (Type, service, StatusCode) => {
  const customer = await Customer.signUp(system);
  const webhook = await customer.addWebhook(`${service().url}/services/x`, { Type, Alias: 'ops' });
  await customer.publish(failed(`one-${Type}`));
  const { Attempts } = await customer.settled(`one-${Type}`, hasStatus('Succeeded'), timeoutMs);
  expect(Attempts).toHaveLength(1);
  const sent = service().requests.at(-1)?.text ?? '';
  expect(Attempts[0]).toMatchObject({ StatusCode, Error: null, Request: { Body: sent } });
  for (const part of ['failed', '137', 'out of memory', 'ops']) expect(sent).toContain(part);
  await customer.call('POST', `/webhooks/${webhook.Id}/ping`, {}, 200);
  expect(service().requests.at(-1)?.text).toContain('Ping from Postrider');
});

test('what piles up for a channel becomes one message, and each delivery is on record', async () => {
  const customer = await Customer.signUp(system);
  const webhook = await customer.addWebhook(`${slack.url}/services/many`, { Type: 'slack' });
  slack.clear();
  const events = Array.from({ length: 60 }, (_, n) => failed(`many-${n}`));
  const reply = await system.ingest('POST', `${customer.path}/events`, events);
  expect((reply.body as AcceptedEvent[]).map(({ Deliveries }) => Deliveries)).toEqual(events.map(() => 1));
  const deliveries = await system.waitFor(
    'all to be told',
    async () => {
      const found = await customer.deliveries({ WebhookId: webhook.Id, Status: 'Succeeded' });
      return found.length === events.length ? found : undefined;
    },
    { timeoutMs },
  );
  const texts = slack.requests.map(({ text }) => text);
  expect(texts.length).toBeLessThan(6);
  expect(texts.some((text) => /\d\d events within \d/.test(text))).toBe(true);
  const last = await customer.delivery(deliveries[0]?.Id ?? '');
  expect(last.Attempts).toMatchObject([{ Number: 1, StatusCode: 200, Error: null }]);
  expect(texts).toContain(last.Attempts[0]?.Request.Body);
}, 120_000);

test('mail: nothing before its reader agrees, then the event, and no more when they say so', async () => {
  const customer = await Customer.signUp(system);
  const { Id } = await customer.addWebhook('', {
    Type: 'email',
    Url: undefined,
    Email: 'Ops Zażółć <ops@example.com>',
    Alias: 'ops',
  });
  const [question] = await mail.waitForMails(1);
  const link = /http:\/\/127\.0\.0\.1:\d+\/v1\/mail\/[\w.-]+/.exec(question?.text ?? '')?.[0] ?? '';
  await customer.publish(failed('mailed'));
  const [held] = await customer.deliveries({ EventId: 'mailed' });
  expect(held).toMatchObject({ Status: 'Held' });
  expect(mail.mails).toHaveLength(1);
  // Reading the page agrees to nothing: mail programs follow links, too.
  expect(await sendRequest('GET', link)).toMatchObject({ status: 200 });
  expect(await customer.webhook(Id)).toMatchObject({ State: 'paused' });
  expect(await sendRequest('POST', link)).toMatchObject({ status: 200 });
  const { Attempts } = await customer.settled('mailed', hasStatus('Succeeded'), timeoutMs);
  expect(Attempts[0]).toMatchObject({ StatusCode: 250, Request: { Url: 'mailto:ops@example.com' } });
  const told = mail.mails.at(-1);
  expect(told?.to).toEqual(['ops@example.com']);
  expect(told?.header('Subject')).toBe('[ops] Nightly <mailed> failed');
  expect(told?.header('Auto-Submitted')).toBe('auto-generated');
  expect(told?.text).toContain('Exit status: 137');
  const log = await customer.call<{ Data: { Action: string; Actor: object }[] }>(
    'GET',
    '/audit-log',
    undefined,
    200,
  );
  expect(log.Data[0]).toMatchObject({ Action: 'webhook.confirmed', Actor: { Type: 'MailReader' } });
});

test('a mail that the server refuses for good is not tried again', async () => {
  const customer = await Customer.signUp(system);
  const before = mail.mails.length;
  await customer.addWebhook('', { Type: 'email', Url: undefined, Email: 'no@example.com' });
  const question = (await mail.waitForMails(before + 1)).at(-1);
  const link = /http:\/\/127\.0\.0\.1:\d+\/v1\/mail\/[\w.-]+/.exec(question?.text ?? '')?.[0] ?? '';
  expect(await sendRequest('POST', link)).toMatchObject({ status: 200 });
  mail.refuse(550);
  await customer.publish(failed('refused'));
  const { Attempts } = await customer.settled('refused', hasStatus('Failed'), timeoutMs);
  mail.refuse(null);
  expect(Attempts).toMatchObject([{ StatusCode: 550, Error: { Code: 'mail_refused' } }]);
});

test('a CloudEvent: the receiver and the log see its source, and a repeat is the same event', async () => {
  const customer = await Customer.signUp(system);
  const { Id } = (await customer.addWebhook(receiver.url)) as Webhook;
  const headers = {
    'ce-specversion': '1.0',
    'ce-id': 'urn:job:7',
    'ce-source': '/scheduler/eu',
    'ce-type': 'job.execution.failed',
    'ce-time': '2026-01-31T12:00:00Z',
  };
  const publish = async () =>
    (await system.ingest('POST', `${customer.path}/events`, '{"JobId":"7"}', { headers }))
      .body as AcceptedEvent;
  const accepted = await publish();
  expect(accepted).toMatchObject({ Id: expect.stringMatching(/^ce_/), Duplicate: false, Deliveries: 1 });
  expect(await publish()).toEqual({ ...accepted, Duplicate: true });
  await customer.settled(accepted.Id, hasStatus('Succeeded'));
  const body = JSON.parse(receiver.requests.at(-1)?.text ?? '') as Record<string, unknown>;
  const origin = { Id: 'urn:job:7', Source: '/scheduler/eu' };
  expect(body).toMatchObject({
    Id: accepted.Id,
    Topic: 'job.execution.failed',
    CreatedAt: 1_769_860_800_000,
    CloudEvent: origin,
    Data: { JobId: '7' },
  });
  const detail = await customer.call<EventDetail>('GET', `/events/${accepted.Id}`, undefined, 200);
  expect(detail).toMatchObject({ CloudEvent: origin, Webhooks: [{ WebhookId: Id, Verdict: 'delivered' }] });
});
