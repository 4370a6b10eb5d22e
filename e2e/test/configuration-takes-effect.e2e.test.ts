// What a person changes holds at once: pause, resume, rotate, URL, deletion; a ping goes out whatever else is set.
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { DeliveryWithAttempts, WebhookWithSecret } from '@postrider/contracts';
import { startReceiver, startSystem, type Receiver, type TestSystem } from '@postrider/test-kit';
import { Customer, hasStatus } from './support/client.js';
import { verifies, verifiesHub, verifiesStandard } from './support/verify.js';

let system: TestSystem;
let receiver: Receiver;
let customer: Customer;

beforeAll(async () => {
  system = await startSystem();
  receiver = await startReceiver();
});
afterAll(async () => {
  await receiver.stop();
  await system.stop();
});
beforeEach(async () => {
  customer = await Customer.signUp(system);
  receiver.clear();
  receiver.respond({ status: 200 });
});

const topic = 'job.execution.failed';
const publish = (id: string) => customer.publish({ Id: id, Topic: topic, Data: {} });
const sentIds = () => receiver.requests.map((request) => request.header('webhook-id')).sort();

test('a paused webhook holds its deliveries; resume delivers them', async () => {
  const webhook = await customer.addWebhook(receiver.url);
  await customer.call('POST', `/webhooks/${webhook.Id}/pause`, undefined, 200);
  await system.waitFor('the pause to take effect', async () => {
    const { Id } = await customer.publish({ Topic: topic, Data: {} });
    return hasStatus('Held')(await customer.settled(Id, ({ Status }) => Status !== 'Pending'));
  });
  receiver.clear();
  await publish('held-1');
  await publish('held-2');
  await customer.settled('held-1', hasStatus('Held'));
  await customer.settled('held-2', hasStatus('Held'));
  expect(receiver.requests).toEqual([]);
  await customer.call('POST', `/webhooks/${webhook.Id}/resume`, { Held: 'deliver' }, 200);
  await customer.settled('held-1', hasStatus('Succeeded'));
  await customer.settled('held-2', hasStatus('Succeeded'));
  expect(sentIds()).toEqual(expect.arrayContaining(['held-1', 'held-2']));
});

test('resume can discard what was held', async () => {
  const webhook = await customer.addWebhook(receiver.url);
  await customer.call('POST', `/webhooks/${webhook.Id}/pause`, undefined, 200);
  await publish('discarded');
  await customer.settled('discarded', hasStatus('Held'));
  await customer.call('POST', `/webhooks/${webhook.Id}/resume`, { Held: 'discard' }, 200);
  await customer.settled('discarded', hasStatus('Cancelled'));
  await system.waitFor('the webhook to deliver again', async () => {
    const { Id } = await customer.publish({ Topic: topic, Data: {} });
    return hasStatus('Succeeded')(await customer.settled(Id, ({ Status }) => Status !== 'Pending'));
  });
  expect(sentIds()).not.toContain('discarded');
});

test('a retry that waits is held by a pause too', async () => {
  const webhook = await customer.addWebhook(receiver.url, { RetrySchedule: [2] });
  receiver.respond({ status: 500 });
  await publish('waits');
  await customer.settled('waits', ({ AttemptsCount }) => AttemptsCount === 1);
  await customer.call('POST', `/webhooks/${webhook.Id}/pause`, undefined, 200);
  await customer.settled('waits', hasStatus('Held'));
  receiver.respond({ status: 200 });
  await customer.call('POST', `/webhooks/${webhook.Id}/resume`, undefined, 200);
  expect(await customer.settled('waits', hasStatus('Succeeded'))).toMatchObject({ AttemptsCount: 2 });
});

test('a ping goes out whatever the topics, filter and state, and answers with its attempt', async () => {
  const webhook = await customer.addWebhook(receiver.url, {
    Alias: 'Pinged',
    Topics: ['job.execution.started'],
    Filter: [{ Field: 'JobId', Operator: 'is', Value: 'nothing' }],
  });
  await customer.call('POST', `/webhooks/${webhook.Id}/pause`, undefined, 200);
  const delivery = await customer.call<DeliveryWithAttempts>(
    'POST',
    `/webhooks/${webhook.Id}/ping`,
    undefined,
    200,
  );
  expect(delivery).toMatchObject({
    Topic: 'webhook.ping',
    Trigger: 'ping',
    Status: 'Succeeded',
    AttemptsCount: 1,
  });
  expect(delivery.Attempts).toHaveLength(1);
  const [request] = receiver.requests;
  if (request === undefined) throw new Error('nothing came');
  expect(verifies(request, webhook.SigningSecret ?? '')).toBe(true);
  expect(request.header('X-Postrider-Trigger')).toBe('ping');
  expect(request.json()).toMatchObject({
    Topic: 'webhook.ping',
    Resource: 'webhook',
    Data: {
      Id: webhook.Id,
      OrganizationId: customer.organizationId,
      Alias: 'Pinged',
      State: 'paused',
      Url: webhook.Url,
    },
  });
  // LastSucceededAt is there with the answer.
  expect((await customer.webhook(webhook.Id)).LastSucceededAt).not.toBeNull();

  receiver.respond({ status: 500 });
  const failed = await customer.call<DeliveryWithAttempts>(
    'POST',
    `/webhooks/${webhook.Id}/ping`,
    undefined,
    200,
  );
  expect(failed).toMatchObject({ Status: 'Failed', NextAttemptAt: null, LastError: { Code: 'http_status' } });
  const unwaited = await customer.call<DeliveryWithAttempts>(
    'POST',
    `/webhooks/${webhook.Id}/ping?wait=false`,
    undefined,
    202,
  );
  expect(unwaited).toMatchObject({ Topic: 'webhook.ping' });
});

test('a rotation signs with both secrets until the grace ends; a leaked one ends at once', async () => {
  const webhook = await customer.addWebhook(receiver.url);
  const old = webhook.SigningSecret ?? '';
  const rotate = async (body: unknown) =>
    (await customer.call<WebhookWithSecret>('POST', `/webhooks/${webhook.Id}/rotate-secret`, body, 200))
      .SigningSecret ?? '';
  const newer = await rotate({});
  expect(newer).not.toBe(old);
  await publish('rotated');
  await customer.settled('rotated', hasStatus('Succeeded'));
  const [first] = receiver.requests;
  if (first === undefined) throw new Error('nothing came');
  expect([verifiesHub(first, newer), verifiesHub(first, old)]).toEqual([true, false]);
  expect([verifiesStandard(first, newer), verifiesStandard(first, old)]).toEqual([true, true]);
  expect(first.header('webhook-signature')?.split(' ')).toHaveLength(2);

  receiver.clear();
  const newest = await rotate({ GraceSeconds: 0 });
  await publish('leaked');
  await customer.settled('leaked', hasStatus('Succeeded'));
  const [second] = receiver.requests;
  if (second === undefined) throw new Error('nothing came');
  expect([newest, newer, old].map((secret) => verifiesStandard(second, secret))).toEqual([
    true,
    false,
    false,
  ]);
  expect((await customer.webhook(webhook.Id)).PreviousSecretExpiresAt).toBeNull();
});

test('a changed URL and new topics take effect within a second, for retries that wait too', async () => {
  const webhook = await customer.addWebhook(`${receiver.url}/old`, { RetrySchedule: [2] });
  receiver.respond(({ path }) => ({ status: path === '/old' ? 500 : 200 }));
  await publish('moves');
  await customer.settled('moves', ({ AttemptsCount }) => AttemptsCount === 1);
  const changedAt = Date.now();
  await customer.call(
    'PATCH',
    `/webhooks/${webhook.Id}`,
    { Url: `${receiver.url}/new`, Topics: [topic] },
    200,
  );
  await system.waitFor(
    'the topics to take effect',
    async () => (await customer.publish({ Topic: 'job.execution.started', Data: {} })).Deliveries === 0,
  );
  expect(Date.now() - changedAt).toBeLessThan(1_000);
  const delivery = await customer.settled('moves', hasStatus('Succeeded'));
  expect(delivery.Attempts.map(({ Request }) => new URL(Request.Url).pathname)).toEqual(['/old', '/new']);
});

test('a deleted webhook cancels what is pending, and its log stays readable', async () => {
  const webhook = await customer.addWebhook(receiver.url, { RetrySchedule: [600] });
  receiver.respond({ status: 500 });
  await publish('orphan');
  await customer.settled('orphan', ({ AttemptsCount }) => AttemptsCount === 1);
  await customer.call('DELETE', `/webhooks/${webhook.Id}`, undefined, 204);
  await customer.settled('orphan', hasStatus('Cancelled'));
  await customer.call('GET', `/webhooks/${webhook.Id}`, undefined, 404);
  await system.waitFor(
    'event-ingest to hear of it',
    async () => (await customer.publish({ Topic: topic, Data: {} })).Deliveries === 0,
  );
});
