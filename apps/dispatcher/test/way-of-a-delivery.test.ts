// The whole service as a process: the way of a delivery from the lane or a due row to its record.
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { noticeSubjects } from '@postrider/contracts';
import { sendRequest, startReceiver, waitFor, type Receiver } from '@postrider/test-kit';
import { DispatchSystem, hubSignature, standardSignature, type SystemWebhook } from './dispatch-system.js';
import { organizationId } from './makers.js';
import { insertDelivery, readDelivery } from './rows.js';

let system: DispatchSystem;
let receiver: Receiver;
let webhook: SystemWebhook;

beforeAll(async () => {
  [system, receiver] = await Promise.all([DispatchSystem.start(), startReceiver()]);
}, 60_000);
afterAll(async () => {
  await system.stop();
  await receiver.stop();
});
beforeEach(async () => {
  receiver.clear();
  receiver.respond({});
  webhook = await system.addWebhook({ url: `${receiver.url}/hook?x=1` });
});

interface AttemptRow {
  readonly id: string;
  readonly number: number;
  readonly trigger: string;
  readonly started_at: number;
  readonly status_code: number | null;
  readonly error_code: string | null;
  readonly hub_signature: string | null;
  readonly response_body: Buffer | null;
}
const attemptsOf = (deliveryId: string): Promise<AttemptRow[]> =>
  system.database.query<AttemptRow>('SELECT * FROM attempts WHERE delivery_id = $1 ORDER BY number', [
    deliveryId,
  ]);
const status = async (id: string): Promise<string> => (await readDelivery(system.database, id)).status;

test('from the lane: one signed POST, recorded as it was sent', async () => {
  receiver.respond({ status: 201, body: 'thanks' });
  const [delivery] = await system.accept(webhook);
  await system.handOn(webhook, delivery === undefined ? [] : [delivery]);
  await system.waitForStatuses(webhook, { Succeeded: 1 });
  const [request] = receiver.requests;
  const [attempt] = await attemptsOf(delivery?.id ?? '');
  expect(receiver.requests).toHaveLength(1);
  expect([request?.method, request?.path]).toEqual(['POST', '/hook?x=1']);
  expect(request?.text).toBe(
    `{"Id":"${delivery?.event_id}","Data":{},"Metadata":{"Webhook":{"Id":"${webhook.id}"},` +
      `"Delivery":{"Id":"${delivery?.id}"},"Attempt":{"Id":"${attempt?.id}"},` +
      `"Event":{"Id":"${delivery?.event_id}","Topic":"job.execution.failed"}}}`,
  );
  const body = request?.body ?? Buffer.alloc(0);
  const timestamp = request?.header('webhook-timestamp') ?? '';
  expect(Math.abs(Number(timestamp) - Date.now() / 1000)).toBeLessThan(30);
  expect(Object.fromEntries(request?.headers ?? [])).toEqual({
    host: `127.0.0.1:${receiver.port}`,
    connection: 'keep-alive',
    'Content-Type': 'application/json; charset=utf-8',
    'User-Agent': expect.stringMatching(/^Postrider\/\d/),
    'X-Hub-Signature': hubSignature(webhook.secret, body),
    'X-Hub-Signature-256': hubSignature(webhook.secret, body),
    'webhook-id': delivery?.event_id,
    'webhook-timestamp': timestamp,
    'webhook-signature': standardSignature(webhook.secret, delivery?.event_id ?? '', timestamp, body),
    'X-Postrider-Topic': 'job.execution.failed',
    'X-Postrider-Webhook-Id': webhook.id,
    'X-Postrider-Delivery-Id': delivery?.id,
    'X-Postrider-Attempt-Id': attempt?.id,
    'X-Postrider-Attempt': '1',
    'X-Postrider-Trigger': 'event',
    'content-length': String(body.length),
  });
  expect(attempt).toMatchObject({
    number: 1,
    trigger: 'event',
    status_code: 201,
    error_code: null,
    hub_signature: hubSignature(webhook.secret, body),
    response_body: Buffer.from('thanks'),
  });
  expect(await readDelivery(system.database, delivery?.id ?? '')).toMatchObject({
    due_at: null,
    attempts_count: 1,
  });
});

test('without the lane: a row that is due is claimed', async () => {
  const delivery = await insertDelivery(system.database, webhook.id);
  await system.waitForStatuses(webhook, { Succeeded: 1 });
  expect(receiver.requests.map((request) => request.header('X-Postrider-Delivery-Id'))).toEqual([
    delivery.id,
  ]);
});

test('a lane message whose lease has run out, or that does not parse, is left to the claims', async () => {
  const delivery = await insertDelivery(system.database, webhook.id, { dueInMs: 900 });
  system.messaging.publish('postrider.deliveries.v1', 'nonsense');
  await system.handOn(webhook, [delivery]);
  await system.waitForStatuses(webhook, { Succeeded: 1 });
  expect(receiver.requests).toHaveLength(1);
  expect(receiver.requests[0]?.at).toBeGreaterThanOrEqual(delivery.due_at);
});

test('retries follow the schedule of the webhook until received, each with its number', async () => {
  const own = await system.addWebhook({ url: receiver.url, retrySchedule: [1, 1, 1] });
  receiver.respond((_request, index) => ({ status: index < 2 ? 500 : 200 }));
  const [delivery] = await system.accept(own);
  await system.handOn(own, delivery === undefined ? [] : [delivery]);
  await system.waitForStatuses(own, { Succeeded: 1 });
  const attempts = await attemptsOf(delivery?.id ?? '');
  expect(attempts.map(({ number, trigger, error_code }) => [number, trigger, error_code])).toEqual([
    [1, 'event', 'http_status'],
    [2, 'retry', 'http_status'],
    [3, 'retry', null],
  ]);
  const [first, second, third] = receiver.requests;
  for (const gapMs of [(second?.at ?? 0) - (first?.at ?? 0), (third?.at ?? 0) - (second?.at ?? 0)]) {
    expect(gapMs).toBeGreaterThanOrEqual(790);
    expect(gapMs).toBeLessThan(3_000);
  }
  expect(new Set(receiver.requests.map((request) => request.header('webhook-id'))).size).toBe(1);
  expect(receiver.requests.map((request) => request.header('X-Postrider-Attempt'))).toEqual(['1', '2', '3']);
});

test('when the schedule is used up the delivery has failed', async () => {
  const own = await system.addWebhook({ url: receiver.url, retrySchedule: [1] });
  receiver.respond({ status: 500 });
  const delivery = await insertDelivery(system.database, own.id);
  await system.waitForStatuses(own, { Failed: 1 });
  expect(await readDelivery(system.database, delivery.id)).toMatchObject({
    attempts_count: 2,
    due_at: null,
    last_status_code: 500,
    last_error_code: 'http_status',
  });
});

test('Retry-After moves the next attempt later', async () => {
  const own = await system.addWebhook({ url: receiver.url, retrySchedule: [1] });
  receiver.respond((_request, index) =>
    index === 0 ? { status: 503, headers: { 'Retry-After': '2' } } : { status: 200 },
  );
  await insertDelivery(system.database, own.id);
  await system.waitForStatuses(own, { Succeeded: 1 });
  const [first, second] = receiver.requests;
  expect((second?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThanOrEqual(1_990);
});

test('a signer that is away costs no attempt: deliveries wait for it', async () => {
  await system.signer.kill();
  const [delivery] = await system.accept(webhook);
  await system.handOn(webhook, delivery === undefined ? [] : [delivery]);
  const id = delivery?.id ?? '';
  await waitFor('the delivery to be parked', async () => {
    const { due_at } = await readDelivery(system.database, id);
    return due_at !== delivery?.due_at;
  });
  expect(await readDelivery(system.database, id)).toMatchObject({ status: 'Pending', attempts_count: 0 });
  expect(receiver.requests).toEqual([]);
  await system.signer.start();
  await system.waitForStatuses(webhook, { Succeeded: 1 });
  const [attempt, ...others] = await attemptsOf(id);
  expect([attempt?.number, attempt?.trigger, others]).toEqual([1, 'event', []]);
});

test('a paused webhook: what comes is held, what waits for a retry is held, pings and resends go out', async () => {
  const own = await system.addWebhook({ url: receiver.url, retrySchedule: [600] });
  receiver.respond({ status: 500 });
  const retrying = await insertDelivery(system.database, own.id);
  await waitFor('the first attempt', async () => (await attemptsOf(retrying.id)).length === 1);
  await system.changeWebhook(own, `state = 'paused'`);
  expect(await system.ask('holdPending', { OrganizationId: organizationId, WebhookId: own.id })).toEqual({
    Deliveries: 1,
  });
  const fresh = await system.accept(own, 2);
  await system.handOn(own, fresh.slice(0, 1));
  await insertDelivery(system.database, own.id);
  await waitFor('three held ones', async () => {
    const held = await Promise.all([retrying, fresh[0]].map((delivery) => status(delivery?.id ?? '')));
    return held.every((one) => one === 'Held');
  });
  receiver.clear();
  receiver.respond({});
  const ping = await insertDelivery(system.database, own.id, { trigger: 'ping' });
  await waitFor('the ping', async () => (await status(ping.id)) === 'Succeeded');
  await system.ask('resend', { OrganizationId: organizationId, DeliveryId: retrying.id });
  await waitFor('the resend', async () => (await status(retrying.id)) === 'Succeeded');
  expect(receiver.requests.map((request) => request.header('X-Postrider-Trigger'))).toEqual([
    'ping',
    'resend',
  ]);
  expect((await attemptsOf(retrying.id)).map(({ trigger }) => trigger)).toEqual(['event', 'resend']);
  // Resumed: all of it is delivered.
  await system.changeWebhook(own, `state = 'enabled'`);
  await system.ask('releaseHeld', { OrganizationId: organizationId, WebhookId: own.id, Held: 'deliver' });
  await waitFor('the held ones', async () => (await status(fresh[0]?.id ?? '')) === 'Succeeded');
});

test('a pause while an attempt is under way: received is received, failed is held', async () => {
  const answers: (() => void)[] = [];
  receiver.respond(
    (_request, index) =>
      new Promise((resolve) => {
        answers.push(() => resolve({ status: index === 0 ? 200 : 500 }));
      }),
  );
  const one = await insertDelivery(system.database, webhook.id);
  await receiver.waitForRequests(1);
  const two = await insertDelivery(system.database, webhook.id);
  await receiver.waitForRequests(2);
  await system.changeWebhook(webhook, `state = 'paused'`);
  await system.ask('holdPending', { OrganizationId: organizationId, WebhookId: webhook.id });
  expect([await status(one.id), await status(two.id)]).toEqual(['Held', 'Held']);
  for (const answer of answers) answer();
  await system.waitForStatuses(webhook, { Held: 1, Succeeded: 1 });
  await waitFor('the second attempt on record', async () => (await attemptsOf(two.id)).length === 1);
  expect(await readDelivery(system.database, one.id)).toMatchObject({
    status: 'Succeeded',
    attempts_count: 1,
  });
  expect(await readDelivery(system.database, two.id)).toMatchObject({ status: 'Held', attempts_count: 1 });
});

test('a deleted webhook: what is pending and what still comes is cancelled', async () => {
  const own = await system.addWebhook({ url: receiver.url, retrySchedule: [600] });
  receiver.respond({ status: 500 });
  const retrying = await insertDelivery(system.database, own.id);
  await waitFor('the first attempt', async () => (await attemptsOf(retrying.id)).length === 1);
  await system.changeWebhook(own, 'deleted_at = now_ms()');
  expect(await system.ask('cancelPending', { OrganizationId: organizationId, WebhookId: own.id })).toEqual({
    Deliveries: 1,
  });
  const late = await system.accept(own);
  await system.handOn(own, late);
  await system.waitForStatuses(own, { Cancelled: 2 });
  expect(receiver.requests).toHaveLength(1);
});

test('410 disables the webhook, cancels what else is pending, and tells config-api', async () => {
  const notices: unknown[] = [];
  system.messaging.subscribe(noticeSubjects.webhookDisabled, (message) =>
    notices.push(JSON.parse(Buffer.from(message.data).toString())),
  );
  await system.messaging.flush();
  receiver.respond({ status: 410 });
  const [first] = await system.accept(webhook);
  await system.accept(webhook, 5);
  await system.handOn(webhook, first === undefined ? [] : [first]);
  await system.waitForStatuses(webhook, { Cancelled: 5, Failed: 1 });
  expect(await readDelivery(system.database, first?.id ?? '')).toMatchObject({
    status: 'Failed',
    last_status_code: 410,
    attempts_count: 1,
    due_at: null,
  });
  expect(
    await system.database.query('SELECT state, disabled_reason FROM webhooks WHERE id = $1', [webhook.id]),
  ).toEqual([{ state: 'disabled', disabled_reason: 'gone' }]);
  await waitFor('the notice', () => notices.length > 0);
  expect(notices).toEqual([{ OrganizationId: organizationId, WebhookId: webhook.id }]);
  // What event-ingest matched before it heard of it.
  const late = await system.accept(webhook);
  await system.handOn(webhook, late);
  await system.waitForStatuses(webhook, { Cancelled: 6, Failed: 1 });
  expect(receiver.requests).toHaveLength(1);
});

test('nothing but failures for five days disables the webhook', async () => {
  await system.database.query(
    `INSERT INTO webhook_health (webhook_id, organization_id, last_failed_at, failing_since, consecutive_failures)
     VALUES ($1, $2, now_ms(), now_ms() - 5 * 86400000::bigint - 1000, 70)`,
    [webhook.id, organizationId],
  );
  receiver.respond({ status: 500 });
  await insertDelivery(system.database, webhook.id);
  await system.waitForStatuses(webhook, { Cancelled: 1 });
  expect(
    await system.database.query('SELECT state, disabled_reason FROM webhooks WHERE id = $1', [webhook.id]),
  ).toEqual([{ state: 'disabled', disabled_reason: 'failing' }]);
});

test('one that was resumed while nobody could be asked has its five days again', async () => {
  const own = await system.addWebhook({ url: receiver.url, retrySchedule: [600] });
  const failingSince = async () =>
    (
      await system.database.query('SELECT failing_since FROM webhook_health WHERE webhook_id = $1', [own.id])
    )[0]?.['failing_since'];
  await system.database.query(
    `INSERT INTO webhook_health (webhook_id, organization_id, last_failed_at, failing_since, consecutive_failures)
     VALUES ($1, $2, now_ms(), now_ms() - 9 * 86400000::bigint, 70)`,
    [own.id, organizationId],
  );
  const [{ at = 0 } = {}] = await system.database.query<{ at: number }>(
    'UPDATE webhooks SET resumed_at = now_ms() WHERE id = $1 RETURNING resumed_at AS at',
    [own.id],
  );
  receiver.respond({ status: 500 });
  await insertDelivery(system.database, own.id);
  await waitFor('the clock to begin anew', async () => (await failingSince()) === at);
  expect(await system.database.query('SELECT state FROM webhooks WHERE id = $1', [own.id])).toEqual([
    { state: 'enabled' },
  ]);
});

test('a new URL counts from the next attempt on', async () => {
  const own = await system.addWebhook({ url: `${receiver.url}/old`, retrySchedule: [1] });
  receiver.respond((request) => ({ status: request.path === '/old' ? 500 : 200 }));
  await insertDelivery(system.database, own.id);
  await receiver.waitForRequests(1);
  await system.changeWebhook(own, 'url = $2', [`${receiver.url}/new`]);
  await system.waitForStatuses(own, { Succeeded: 1 });
  expect(receiver.requests.map(({ path }) => path)).toEqual(['/old', '/new']);
});

test('a webhook whose URL is forbidden here: blocked, on record, retried by schedule', async () => {
  const own = await system.addWebhook({ url: 'https://10.0.0.1/', retrySchedule: [600] });
  const delivery = await insertDelivery(system.database, own.id);
  await waitFor('the attempt', async () => (await attemptsOf(delivery.id)).length === 1);
  expect((await attemptsOf(delivery.id))[0]).toMatchObject({
    error_code: 'egress_blocked',
    hub_signature: null,
  });
  expect(await status(delivery.id)).toBe('Pending');
});

test('it tells how it is', async () => {
  const ready = await sendRequest('GET', `${system.dispatcher.url}/health/ready`);
  expect([ready.status, ready.body]).toMatchObject([200, { status: 'ok' }]);
  const metrics = await sendRequest('GET', `${system.dispatcher.url}/metrics`);
  expect(metrics.text).toMatch(/^postrider_attempts_total\{outcome="received",trigger="event"\} \d+$/m);
  expect(metrics.text).toMatch(/^postrider_attempts_in_flight 0$/m);
  expect(metrics.text).toMatch(/^postrider_outcomes_unrecorded 0$/m);
});
