// A failed attempt is repeated by schedule, then given up on; a resend is one attempt more.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startReceiver, startSystem, type Receiver, type TestSystem } from '@postrider/test-kit';
import { Customer, hasStatus } from './support/client.js';
import { verifies } from './support/verify.js';

let system: TestSystem;
let receiver: Receiver;
let customer: Customer;

beforeAll(async () => {
  system = await startSystem();
  receiver = await startReceiver();
  customer = await Customer.signUp(system);
});
afterAll(async () => {
  await receiver.stop();
  await system.stop();
});

test('retries by schedule, then fails; a resend succeeds later', async () => {
  const webhook = await customer.addWebhook(`${receiver.url}/flaky`, { RetrySchedule: [1, 2] });
  receiver.respond({ status: 500, body: 'no' });
  await customer.publish({ Id: 'flaky', Topic: 'job.execution.failed', Data: {} });
  const failed = await customer.settled('flaky', hasStatus('Failed'));
  expect(failed).toMatchObject({
    AttemptsCount: 3,
    NextAttemptAt: null,
    LastStatusCode: 500,
    LastError: { Code: 'http_status' },
  });
  expect(failed.Attempts.map(({ Number, Trigger, StatusCode }) => ({ Number, Trigger, StatusCode }))).toEqual(
    [
      { Number: 1, Trigger: 'event', StatusCode: 500 },
      { Number: 2, Trigger: 'retry', StatusCode: 500 },
      { Number: 3, Trigger: 'retry', StatusCode: 500 },
    ],
  );
  const [first, second, third] = receiver.requests.map(({ at }) => at);
  const gaps = [(second ?? 0) - (first ?? 0), (third ?? 0) - (second ?? 0)];
  // 1 s and 2 s, each ± 20 %, and what a claim may take.
  expect(gaps[0]).toBeGreaterThanOrEqual(780);
  expect(gaps[0]).toBeLessThan(1_900);
  expect(gaps[1]).toBeGreaterThanOrEqual(1_580);
  expect(gaps[1]).toBeLessThan(3_100);
  const ids = receiver.requests.map((request) => request.header('webhook-id'));
  expect(new Set(ids)).toEqual(new Set(['flaky']));
  expect(new Set(receiver.requests.map((request) => request.header('X-Postrider-Attempt-Id'))).size).toBe(3);
  expect(receiver.requests.every((request) => verifies(request, webhook.SigningSecret ?? ''))).toBe(true);

  receiver.respond({ status: 204 });
  const asked = await customer.call<{ Id: string }>(
    'POST',
    `/deliveries/${failed.Id}/resend`,
    undefined,
    202,
  );
  expect(asked.Id).toBe(failed.Id);
  const resent = await customer.settled('flaky', hasStatus('Succeeded'));
  expect(resent.Attempts.at(-1)).toMatchObject({
    Number: 4,
    Trigger: 'resend',
    StatusCode: 204,
    Error: null,
  });
  expect(receiver.requests.at(-1)?.header('X-Postrider-Trigger')).toBe('resend');
  expect(receiver.requests.at(-1)?.header('X-Postrider-Attempt')).toBe('4');
});

test('a resend that fails leaves a received delivery received', async () => {
  await customer.addWebhook(`${receiver.url}/once-good`, { Topics: ['job.execution.started'] });
  receiver.respond(({ path }) => ({ status: path === '/once-good' ? 200 : 204 }));
  await customer.publish({ Id: 'good', Topic: 'job.execution.started', Data: {} });
  const all = await system.waitFor('both deliveries', async () => {
    const found = await customer.deliveries({ EventId: 'good' });
    return found.length === 2 && found.every(hasStatus('Succeeded')) ? found : null;
  });
  const [delivery] = all;
  receiver.respond({ status: 503 });
  await customer.call('POST', `/deliveries/${delivery?.Id}/resend`, undefined, 202);
  const after = await system.waitFor('the resend to be recorded', async () => {
    const now = await customer.delivery(delivery?.Id ?? '');
    return now.AttemptsCount === 2 ? now : null;
  });
  expect(after).toMatchObject({ Status: 'Succeeded', LastStatusCode: 503, NextAttemptAt: null });
});

test('Retry-After moves the next attempt later; a resend of a waiting delivery leaves its schedule', async () => {
  const own = await Customer.signUp(system, 'Patient');
  receiver.respond({ status: 429, headers: { 'Retry-After': '120' } });
  await own.addWebhook(`${receiver.url}/busy`, { RetrySchedule: [1, 1] });
  const before = Date.now();
  await own.publish({ Id: 'busy', Topic: 'job.execution.failed', Data: {} });
  const waiting = await own.settled('busy', (delivery) => delivery.AttemptsCount === 1);
  expect(waiting.Status).toBe('Pending');
  expect(waiting.NextAttemptAt ?? 0).toBeGreaterThan(before + 119_000);
  expect(waiting.NextAttemptAt ?? 0).toBeLessThan(Date.now() + 121_000);
  await own.call('POST', `/deliveries/${waiting.Id}/resend`, undefined, 202);
  const resent = await own.settled('busy', (delivery) => delivery.AttemptsCount === 2);
  expect(resent).toMatchObject({ Status: 'Pending', NextAttemptAt: waiting.NextAttemptAt });
});

test('410 disables the webhook and cancels what is pending; resume enables it again', async () => {
  const own = await Customer.signUp(system, 'Gone');
  const webhook = await own.addWebhook(`${receiver.url}/gone`, { RetrySchedule: [600] });
  const observer = await own.addWebhook(`${receiver.url}/observer`, { Topics: ['webhook.*'] });
  receiver.respond({ status: 500 });
  await own.publish({ Id: 'waits', Topic: 'job.execution.failed', Data: {} });
  await own.settled('waits', (delivery) => delivery.AttemptsCount === 1);
  receiver.respond(({ path }) => ({ status: path === '/gone' ? 410 : 200 }));
  await own.publish({ Id: 'gone', Topic: 'job.execution.failed', Data: {} });
  expect(await own.settled('gone', hasStatus('Failed'))).toMatchObject({
    AttemptsCount: 1,
    LastStatusCode: 410,
  });
  await own.settled('waits', hasStatus('Cancelled'));
  expect(await own.webhook(webhook.Id)).toMatchObject({ State: 'disabled', DisabledReason: 'gone' });
  const told = await system.waitFor('another webhook to be told', () =>
    receiver.requests.find((request) => request.header('X-Postrider-Topic') === 'webhook.disabled'),
  );
  expect(told.path).toBe('/observer');
  expect(verifies(told, observer.SigningSecret ?? '')).toBe(true);
  expect(told.json()).toMatchObject({
    Resource: 'webhook',
    Data: { Id: webhook.Id, State: 'disabled', Reason: 'gone', ConsecutiveFailures: 2 },
  });
  await system.waitFor(
    'event-ingest to hear of it',
    async () => (await own.publish({ Topic: 'job.execution.failed', Data: {} })).Deliveries === 0,
  );

  receiver.respond({ status: 200 });
  const resumed = await own.call<{ State: string }>('POST', `/webhooks/${webhook.Id}/resume`, {}, 200);
  expect(resumed).toMatchObject({ State: 'enabled', DisabledReason: null });
  await system.waitFor(
    'events to be delivered again',
    async () => (await own.publish({ Topic: 'job.execution.failed', Data: {} })).Deliveries === 1,
  );
});
