// Trying a filter on past events, and what an event tells of the webhooks that did not get it.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { FilterTestResult } from '@postrider/contracts';
import { seedDelivery, seedEvent } from './support/services.js';
import { startApi, type TestApi } from './support/api.js';

let api: TestApi;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.stop());

async function tried(org: string, body: object): Promise<FilterTestResult> {
  const response = await api.call('post', `/v1/organizations/${org}/filters/test`).send(body).expect(200);
  return FilterTestResult.parse(response.body);
}

describe('a filter', () => {
  let org: string;
  beforeAll(async () => {
    org = await api.organization();
    const start = Date.now() - 60_000;
    for (let index = 0; index < 60; index += 1) {
      await seedEvent(api.database, org, {
        id: `e${index}`,
        topic: index % 2 === 0 ? 'job.execution.failed' : 'job.execution.started',
        atMs: start + index,
        data: `{"JobId":"j${index}","Big":1234567890123456789${index % 10}}`,
      });
    }
    await seedEvent(api.database, await api.organization(), { id: 'of-others' });
    await seedEvent(api.database, org, { id: 'a-ping', topic: 'webhook.ping', data: '{"JobId":"j8"}' });
    await api.database.query(`UPDATE events SET source = 'postrider' WHERE id = 'a-ping'`);
  });

  test('is tried on the newest events; which it lets through is told, newest first', async () => {
    const result = await tried(org, {
      Filter: [{ Field: 'Data.Big', Operator: 'is', Value: '12345678901234567897' }],
    });
    expect([result.Tested, result.Passed]).toEqual([60, 6]);
    expect(result.Events.map((event) => event.Id)).toEqual(['e57', 'e47', 'e37', 'e27', 'e17', 'e7']);
  });

  test('goes with topics, and without rules lets all through', async () => {
    expect(await tried(org, { Filter: null, Topics: ['job.execution.failed'] })).toMatchObject({
      Passed: 30,
    });
    expect(await tried(org, { Filter: [], Topics: ['job.*'] })).toMatchObject({ Passed: 60 });
    expect(await tried(org, { Filter: null, Topics: ['order.*'] })).toMatchObject({ Tested: 60, Passed: 0 });
  });

  test('is told what is wrong with it', async () => {
    const wrong = await api
      .call('post', `/v1/organizations/${org}/filters/test`)
      .send({ Filter: [{ Field: 'Nope', Operator: 'matches', Value: '(' }] })
      .expect(422);
    expect(wrong.body).toMatchObject({
      errors: [{ pointer: '/Filter/0/Field' }, { pointer: '/Filter/0/Value' }],
    });
    await api.call('post', `/v1/organizations/${org}/filters/test`).send({}).expect(422);
  });

  test('takes a key with deliveries:read of the organization', async () => {
    const path = `/v1/organizations/${org}/filters/test`;
    const body = { Filter: null };
    await api
      .call('post', path, await api.key(org, 'deliveries:read'))
      .send(body)
      .expect(200);
    await api
      .call('post', path, await api.key(org, 'webhooks:write'))
      .send(body)
      .expect(403);
    const others = await api.key(await api.organization(), 'deliveries:read');
    await api.call('post', path, others).send(body).expect(404);
  });

  test('hostile patterns and texts take no time to speak of', async () => {
    const own = await api.organization();
    for (let index = 0; index < 20; index += 1) {
      await seedEvent(api.database, own, { data: JSON.stringify({ a: `${'a'.repeat(100_000)}!` }) });
    }
    const result = await tried(own, {
      Filter: [{ Field: 'Data.a', Operator: 'matches', Value: '(a+)+b' }],
    });
    expect(result).toMatchObject({ Tested: 20, Passed: 0 });
  });
});

test('an event tells of each webhook whether it got it, and why not', async () => {
  const org = await api.organization();
  const rule = (Value: string) => ({ Field: 'JobId', Operator: 'is', Value });
  const delivered = (await api.webhook(org)).Id;
  const other = (await api.webhook(org, { Topics: ['job.execution.started'] })).Id;
  const filtered = (await api.webhook(org, { Filter: [rule('j1'), rule('j2')] })).Id;
  const today = (await api.webhook(org, { Filter: [rule('j1')] })).Id;
  const disabled = (await api.webhook(org)).Id;
  await api.database.query(`UPDATE webhooks SET state = 'disabled' WHERE id = $1`, [disabled]);
  const event = await seedEvent(api.database, org, {
    id: 'told',
    atMs: Date.now() + 5,
    data: '{"JobId":"j1"}',
  });
  const delivery = await seedDelivery(api.database, event, delivered);
  const later = (await api.webhook(org)).Id;
  await api.database.query(`UPDATE webhooks SET created_at = created_at + 3600000 WHERE id = $1`, [later]);

  const response = await api.call('get', `/v1/organizations/${org}/events/told`).expect(200);
  const without = { FailedRule: null, DeliveryId: null, Status: null };
  expect((response.body as { Webhooks: object[] }).Webhooks).toEqual([
    { ...without, WebhookId: delivered, Verdict: 'delivered', DeliveryId: delivery, Status: 'Pending' },
    { ...without, WebhookId: later, Verdict: 'created_later' },
    { ...without, WebhookId: disabled, Verdict: 'disabled' },
    { ...without, WebhookId: today, Verdict: 'changed_since' },
    { ...without, WebhookId: filtered, Verdict: 'filter', FailedRule: 1 },
    { ...without, WebhookId: other, Verdict: 'topic' },
  ]);

  await api.database.query(`UPDATE events SET source = 'postrider' WHERE id = 'told'`);
  const addressed = await api.call('get', `/v1/organizations/${org}/events/told`).expect(200);
  const { Webhooks } = addressed.body as { Webhooks: { Verdict: string }[] };
  expect(Webhooks.map((one) => one.Verdict)).toEqual([
    'delivered',
    ...Array<string>(5).fill('not_addressed'),
  ]);
});

describe('send-example', () => {
  test('sends the example of a topic to one webhook, with the answers of a ping', async () => {
    const org = await api.organization();
    const { Id } = await api.webhook(org, { Topics: ['job.execution.started'] });
    const path = `/v1/organizations/${org}/webhooks/${Id}/send-example`;
    const sent = await api.call('post', path).send({ Topic: 'job.execution.failed' }).expect(200);
    expect(sent.body).toMatchObject({ WebhookId: Id, Topic: 'job.execution.failed', Status: 'Succeeded' });
    expect(api.services.askedFor('sendExample')[0]).toMatchObject({
      Data: expect.stringContaining('"JobId":"01J8Z6W3"'),
    });
    await api.call('post', `${path}?wait=false`).send({ Topic: 'job.execution.failed' }).expect(202);
    await api
      .call('post', path, await api.key(org, 'webhooks:read'))
      .send({ Topic: 'job.execution.failed' })
      .expect(403);
    const others = `/v1/organizations/${await api.organization()}/webhooks/${Id}/send-example`;
    await api.call('post', others).send({ Topic: 'job.execution.failed' }).expect(404);
  });

  test.each([
    ['no.such.topic', 'unknown_topic'],
    ['webhook.ping', 'reserved_topic'],
    ['bare.topic', 'invalid_fields'],
  ])('%s is refused: %s', async (topic, code) => {
    if (topic === 'bare.topic') await api.call('post', '/v1/topics').send({ Name: topic }).expect(201);
    const org = await api.organization();
    const { Id } = await api.webhook(org);
    const response = await api
      .call('post', `/v1/organizations/${org}/webhooks/${Id}/send-example`)
      .send({ Topic: topic })
      .expect(422);
    expect(response.body).toMatchObject({ code, errors: [{ pointer: '/Topic' }] });
  });
});
