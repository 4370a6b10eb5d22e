// An event reaches every matching webhook and no other, signed, as published; the record shows what was sent.
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { startReceiver, startSystem, type Receiver, type TestSystem } from '@postrider/test-kit';
import { Customer, hasStatus } from './support/client.js';
import { verifies, verifiesHub, verifiesStandard } from './support/verify.js';

let system: TestSystem;
let receiver: Receiver;

beforeAll(async () => {
  system = await startSystem();
  receiver = await startReceiver();
});
afterAll(async () => {
  await receiver.stop();
  await system.stop();
});
beforeEach(() => {
  receiver.clear();
  receiver.respond({ status: 200, body: 'thanks' });
});

const data =
  '{ "JobId": "j1",  "10": 1, "2": 2, "Big": 12345678901234567890, "Text": "za\\u017c\\u00f3\\u0142\\u0107 🚀 \\u0000" }';

test.each(['http', 'nats'] as const)(
  'an event published over %s arrives signed and as published',
  async (door) => {
    const customer = await Customer.signUp(system);
    const webhook = await customer.addWebhook(`${receiver.url}/in?x=1`, { Authorization: 'Bearer abc' });
    const body = `{"Id":"evt_${door}","Topic":"job.execution.failed","CreatedAt":1590591051225,"Resource":"JobExecution","Data":${data}}`;
    if (door === 'nats') await system.publish(customer.organizationId, 'job.execution.failed', body);
    else {
      const reply = await system.ingest('POST', `${customer.path}/events`, body, {
        headers: { 'content-type': 'application/json' },
      });
      expect({ status: reply.status, body: reply.body }).toEqual({
        status: 202,
        body: { Id: 'evt_http', Duplicate: false, Deliveries: 1 },
      });
    }
    const [request] = await receiver.waitForRequests(1);
    if (request === undefined) throw new Error('nothing came');

    expect(request.method).toBe('POST');
    expect(request.path).toBe('/in?x=1');
    expect(verifies(request, webhook.SigningSecret ?? '')).toBe(true);
    expect(verifiesHub(request, 'whsec_wrong')).toBe(false);
    expect(verifiesStandard(request, `whsec_${Buffer.alloc(32).toString('base64')}`)).toBe(false);
    expect(request.text).toContain(`"Data":${data},"Metadata"`);
    expect(request.json()).toMatchObject({
      Id: `evt_${door}`,
      Topic: 'job.execution.failed',
      CreatedAt: 1590591051225,
      UpdatedAt: 1590591051225,
      OrganizationId: customer.organizationId,
      Resource: 'JobExecution',
      PreviousData: null,
      Metadata: { Webhook: { Id: webhook.Id }, Event: { Id: `evt_${door}`, Topic: 'job.execution.failed' } },
    });
    expect(Object.fromEntries(request.headers)).toMatchObject({
      'Content-Type': 'application/json; charset=utf-8',
      'User-Agent': expect.stringMatching(/^Postrider\/\d/),
      Authorization: 'Bearer abc',
      'webhook-id': `evt_${door}`,
      'X-Postrider-Topic': 'job.execution.failed',
      'X-Postrider-Webhook-Id': webhook.Id,
      'X-Postrider-Attempt': '1',
      'X-Postrider-Trigger': 'event',
    });

    const delivery = await customer.settled(`evt_${door}`, hasStatus('Succeeded'));
    expect(delivery).toMatchObject({
      WebhookId: webhook.Id,
      AttemptsCount: 1,
      NextAttemptAt: null,
      LastStatusCode: 200,
      LastError: null,
      Id: request.header('X-Postrider-Delivery-Id'),
    });
    const [attempt] = delivery.Attempts;
    expect(attempt?.Id).toBe(request.header('X-Postrider-Attempt-Id'));
    expect(attempt?.Request.Body).toBe(request.text);
    expect(attempt?.Response).toMatchObject({ Body: 'thanks', Encoding: 'utf8', Truncated: false });
    // The record shows what was sent, but for the Authorization.
    for (const [name, value] of request.headers) {
      const recorded = Object.entries(attempt?.Request.Headers ?? {}).find(
        ([key]) => key.toLowerCase() === name.toLowerCase(),
      );
      expect({ name, value: recorded?.[1] }).toEqual({
        name,
        value: name === 'Authorization' ? '***' : value,
      });
    }
  },
);

test('an event reaches every matching webhook and no other', async () => {
  const [ours, theirs] = [await Customer.signUp(system, 'Ours'), await Customer.signUp(system, 'Theirs')];
  const to = (path: string, Topics: string[], more = {}) =>
    ours.addWebhook(`${receiver.url}/${path}`, { Topics, ...more });
  await to('exact', ['job.execution.failed']);
  await to('prefix', ['job.execution.*']);
  await to('all', ['*']);
  await to('filtered', ['*'], { Filter: [{ Field: 'JobId', Operator: 'is', Value: 'j1' }] });
  await to('other-topic', ['job.execution.succeeded']);
  await to('filtered-out', ['*'], { Filter: [{ Field: 'Data.JobId', Operator: 'is_not', Value: 'j1' }] });
  await theirs.addWebhook(`${receiver.url}/other-organization`);

  const accepted = await ours.publish({ Topic: 'job.execution.failed', Data: { JobId: 'j1' } });
  expect(accepted).toMatchObject({ Duplicate: false, Deliveries: 4 });
  await receiver.waitForRequests(4);
  await system.waitFor('all four to be recorded', async () =>
    (await ours.deliveries()).every(hasStatus('Succeeded')),
  );
  // What would come by mistake would have come with the rest: they were committed and handed on together.
  expect(receiver.requests.map(({ path }) => path).sort()).toEqual([
    '/all',
    '/exact',
    '/filtered',
    '/prefix',
  ]);
  expect(await theirs.deliveries()).toEqual([]);
});

test('the same Id is sent once, whichever door it comes through', async () => {
  const customer = await Customer.signUp(system);
  await customer.addWebhook(`${receiver.url}/once`);
  const event = { Id: 'same', Topic: 'job.execution.started', Data: { a: 1, b: [1.0, 'x'] } };
  const replies = [];
  for (let n = 0; n < 3; n += 1) replies.push(await customer.publish(event));
  expect(replies).toEqual([
    { Id: 'same', Duplicate: false, Deliveries: 1 },
    { Id: 'same', Duplicate: true, Deliveries: 1 },
    { Id: 'same', Duplicate: true, Deliveries: 1 },
  ]);
  await customer.publishOverNats('job.execution.started', { Id: 'same', Data: { b: [1, 'x'], a: 1 } });
  // A later event is behind it on the same way.
  await customer.publishOverNats('job.execution.started', { Id: 'later', Data: {} });
  await customer.settled('later', hasStatus('Succeeded'));
  expect(receiver.requests.map((request) => request.header('webhook-id'))).toEqual(['same', 'later']);

  const other = await system.ingest('POST', `${customer.path}/events`, { ...event, Data: { a: 2 } });
  expect({ status: other.status, body: other.body }).toMatchObject({
    status: 409,
    body: { code: 'event_id_reused' },
  });
});

test('what can not be accepted over NATS is kept with the reason, and its neighbours arrive', async () => {
  const customer = await Customer.signUp(system);
  await customer.addWebhook(`${receiver.url}/neighbours`);
  const topic = 'job.execution.failed';
  const good = (n: number) => customer.publishOverNats(topic, { Id: `good-${n}`, Data: { n } });
  await good(1);
  await customer.publishOverNats(topic, '{"Id":"bad-json","Data":{');
  await customer.publishOverNats('no.such.topic', { Id: 'bad-topic', Data: {} });
  await good(2);
  await customer.publishOverNats(
    topic,
    `{"Id":"bad-depth","Data":${'{"a":'.repeat(5_000)}1${'}'.repeat(5_000)}}`,
  );
  await customer.publishOverNats(topic, { Id: 'bad-data', Data: [] });
  await good(3);
  await receiver.waitForRequests(3);
  const rejected = await system.waitFor('four rejected events', async () => {
    const page = await customer.call<{ Data: { Code: string; Reason: string }[] }>(
      'GET',
      '/rejected-events',
      undefined,
      200,
    );
    return page.Data.length === 4 ? page.Data : null;
  });
  expect(rejected.map(({ Code }) => Code).sort()).toEqual([
    'invalid_fields',
    'malformed_json',
    'too_deep',
    'unknown_topic',
  ]);
  expect(receiver.requests.map((request) => request.header('webhook-id')).sort()).toEqual([
    'good-1',
    'good-2',
    'good-3',
  ]);
});
