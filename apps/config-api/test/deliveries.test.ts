import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Delivery, DeliveryWithAttempts, type Delivery as DeliveryBody } from '@postrider/contracts';
import { idMs, newId } from '@postrider/database';
import { seedAttempt, seedDelivery, seedEvent } from './support/services.js';
import { startApi, type TestApi } from './support/api.js';

let api: TestApi;
let org: string;
let webhook: string;
beforeAll(async () => {
  api = await startApi();
  org = await api.organization();
  webhook = (await api.webhook(org)).Id;
});
afterAll(() => api.stop());

const path = (rest = '') => `/v1/organizations/${org}/deliveries${rest}`;

async function list(query: string): Promise<{ Data: DeliveryBody[]; NextCursor: string | null }> {
  const response = await api.call('get', path(query)).expect(200);
  return response.body as { Data: DeliveryBody[]; NextCursor: string | null };
}

describe('the list', () => {
  const made: { id: string; event: string; webhook: string; status: string; topic: string }[] = [];
  let other: string;
  let start: number;
  beforeAll(async () => {
    other = (await api.webhook(org)).Id;
    start = Date.now() - 60_000;
    const statuses = ['Succeeded', 'Failed', 'Pending', 'Held', 'Cancelled'];
    for (let index = 0; index < 12; index += 1) {
      const topic = index % 3 === 0 ? 'job.execution.started' : 'job.execution.failed';
      const event = await seedEvent(api.database, org, {
        id: `evt_${index}`,
        topic,
        atMs: start + index * 1_000,
      });
      const status = statuses[index % 5] ?? '';
      const target = index % 2 === 0 ? webhook : other;
      const id = await seedDelivery(api.database, event, target, { status });
      made.unshift({ id, event: event.id, webhook: target, status, topic });
    }
  });
  const ids = (wanted: (one: (typeof made)[number]) => boolean) => made.filter(wanted).map((one) => one.id);

  test('newest first, every row once, over pages of any size', async () => {
    for (const limit of [1, 5, 12, 100]) {
      const seen: string[] = [];
      let cursor: string | null = '';
      while (cursor !== null) {
        const page: Awaited<ReturnType<typeof list>> = await list(
          `?Limit=${limit}${cursor === '' ? '' : `&Cursor=${cursor}`}`,
        );
        for (const row of page.Data) expect(Delivery.parse(row)).toEqual(row);
        seen.push(...page.Data.map((row) => row.Id));
        cursor = page.NextCursor;
      }
      expect(seen).toEqual(made.map((one) => one.id));
    }
  });

  test('by webhook, status, topic and event, alone and together', async () => {
    const idsOf = async (query: string) => (await list(`?Limit=100${query}`)).Data.map((row) => row.Id);
    expect(await idsOf(`&WebhookId=${other.toUpperCase()}`)).toEqual(ids((one) => one.webhook === other));
    expect(await idsOf('&Status=Failed')).toEqual(ids((one) => one.status === 'Failed'));
    expect(await idsOf('&Topic=job.execution.started')).toEqual(
      ids((one) => one.topic === 'job.execution.started'),
    );
    expect(await idsOf('&EventId=evt_7')).toEqual(ids((one) => one.event === 'evt_7'));
    expect(await idsOf('&EventId=evt_77')).toEqual([]);
    expect(await idsOf(`&EventId=evt_7&WebhookId=${webhook}`)).toEqual([]);
    expect(await idsOf(`&WebhookId=${webhook}&Status=Pending&Topic=job.execution.failed`)).toEqual(
      ids(
        (one) => one.webhook === webhook && one.status === 'Pending' && one.topic === 'job.execution.failed',
      ),
    );
    expect(await idsOf(`&WebhookId=${newId()}`)).toEqual([]);
  });

  test('From and To bound CreatedAt, both inclusive', async () => {
    const idsOf = async (query: string) => (await list(`?Limit=100${query}`)).Data.map((row) => row.Id);
    const from = start + 3_000;
    const to = start + 5_000;
    const inRange = ids((one) => idMs(one.id) >= from && idMs(one.id) <= to);
    expect(inRange).toHaveLength(3);
    expect(await idsOf(`&From=${from}&To=${to}`)).toEqual(inRange);
    expect(await idsOf(`&From=${from}&To=${from}`)).toEqual(ids((one) => idMs(one.id) === from));
    expect(await idsOf(`&From=${to}&To=${from}`)).toEqual([]);
    expect(await idsOf('&From=0&To=8640000000000000')).toHaveLength(12);
    expect(await idsOf('&From=8640000000000000')).toEqual([]);
  });

  test("another organization's webhook and event give an empty list, not an error", async () => {
    const foreign = await api.organization();
    const foreignWebhook = (await api.webhook(foreign)).Id;
    const event = await seedEvent(api.database, foreign, { id: 'evt_foreign' });
    await seedDelivery(api.database, event, foreignWebhook);
    expect(await list(`?WebhookId=${foreignWebhook}`)).toEqual({ Data: [], NextCursor: null });
    expect(await list('?EventId=evt_foreign')).toEqual({ Data: [], NextCursor: null });
    // The same event Id in two organizations is two events.
    await seedDelivery(api.database, await seedEvent(api.database, foreign, { id: 'evt_7' }), foreignWebhook);
    expect((await list('?EventId=evt_7')).Data.map((row) => row.OrganizationId)).toEqual([org]);
  });

  test.each([
    ['Status=pending', 'Status'],
    ['Status=Failed&Status=Held', 'Status'],
    ['WebhookId=1', 'WebhookId'],
    ['EventId=a.b', 'EventId'],
    ['EventId=', 'EventId'],
    ['Topic=a%00b', 'Topic'],
    ['Topic=*', 'Topic'],
    ['From=-1', 'From'],
    ['From=yesterday', 'From'],
    ['To=1e3', 'To'],
    ['To=9000000000000000', 'To'],
  ])('?%s is refused', async (query, parameter) => {
    const response = await api.call('get', path(`?${query}`)).expect(422);
    expect(response.body).toMatchObject({ code: 'invalid_fields', errors: [{ parameter }] });
  });
});

describe('one delivery', () => {
  test('with its attempts: requests as sent, Authorization masked, answers as they came', async () => {
    const data = '{"Id":12345678901234567890,"9":1,"1":"ü💩"}';
    const event = await seedEvent(api.database, org, {
      data,
      resource: 'JobExecution',
      actor: { Type: 'User', Id: 'u' },
    });
    const id = await seedDelivery(api.database, event, webhook);
    const failed = await seedAttempt(api.database, id, {
      statusCode: 500,
      errorCode: 'http_status',
      authorization: true,
      responseBody: Buffer.from([0xff, 0xfe]),
    });
    const succeeded = await seedAttempt(api.database, id, { responseHeaders: '{"set-cookie":"a=1, b=2"}' });
    await api.database.query("UPDATE deliveries SET status = 'Succeeded', due_at = NULL WHERE id = $1", [id]);

    const response = await api.call('get', path(`/${id}`)).expect(200);
    const body = DeliveryWithAttempts.parse(response.body);
    expect(body).toEqual(response.body);
    const { Attempts, ...delivery } = body;
    expect(delivery).toEqual({
      Id: id,
      OrganizationId: org,
      WebhookId: webhook,
      EventId: event.id,
      Topic: event.topic,
      Status: 'Succeeded',
      Trigger: 'event',
      AttemptsCount: 2,
      NextAttemptAt: null,
      LastStatusCode: 200,
      LastError: null,
      DurationMs: 12,
      CreatedAt: idMs(id),
      UpdatedAt: expect.any(Number),
    });
    expect(Attempts.map((attempt) => [attempt.Id, attempt.Number])).toEqual([
      [failed, 1],
      [succeeded, 2],
    ]);
    const [first, second] = Attempts;
    expect(first).toMatchObject({
      StatusCode: 500,
      Error: { Code: 'http_status', Message: 'what went wrong' },
      Response: { Body: '//4=', Encoding: 'base64', Truncated: false },
    });
    expect(second?.Response).toEqual({
      Headers: { 'set-cookie': 'a=1, b=2' },
      Body: 'thanks',
      Encoding: 'utf8',
      Truncated: false,
    });
    const sent =
      event.text.slice(0, -1) +
      `,"Metadata":{"Webhook":{"Id":"${webhook}"},"Delivery":{"Id":"${id}"},"Attempt":{"Id":"${failed}"},` +
      `"Event":{"Id":"${event.id}","Topic":"${event.topic}"}}}`;
    expect(first?.Request.Body).toBe(sent);
    expect(sent).toContain(`"Data":${data}`);
    expect(first?.Request.Url).toBe('https://example.com:8443/hook?x=1');
    expect(first?.Request.Headers).toEqual({
      Host: 'example.com:8443',
      Connection: 'keep-alive',
      'Content-Type': 'application/json; charset=utf-8',
      'User-Agent': 'Postrider/0.1.0',
      Authorization: '***',
      'X-Hub-Signature': `sha256=${'ab'.repeat(32)}`,
      'X-Hub-Signature-256': `sha256=${'ab'.repeat(32)}`,
      'webhook-id': event.id,
      'webhook-timestamp': '1750000000',
      'webhook-signature': 'v1,c2lnbmF0dXJl',
      'X-Postrider-Topic': event.topic,
      'X-Postrider-Webhook-Id': webhook,
      'X-Postrider-Delivery-Id': id,
      'X-Postrider-Attempt-Id': failed,
      'X-Postrider-Attempt': '1',
      'X-Postrider-Trigger': 'event',
      'Content-Length': String(Buffer.byteLength(sent)),
    });
    expect(second?.Request.Headers).not.toHaveProperty('Authorization');
  });

  test('an attempt that never reached anybody has no answer and no signature', async () => {
    const id = await seedDelivery(api.database, await seedEvent(api.database, org), webhook);
    await seedAttempt(api.database, id, {
      statusCode: null,
      errorCode: 'egress_blocked',
      responseHeaders: null,
      responseBody: null,
      signed: false,
    });
    const response = await api.call('get', path(`/${id}`)).expect(200);
    const body = response.body as DeliveryWithAttempts;
    expect(body.Attempts[0]).toMatchObject({
      StatusCode: null,
      Error: { Code: 'egress_blocked' },
      Response: null,
    });
    expect(Object.keys(body.Attempts[0]?.Request.Headers ?? {})).not.toContain('X-Hub-Signature');
    expect(body).toMatchObject({
      Status: 'Pending',
      NextAttemptAt: expect.any(Number),
      LastError: { Code: 'egress_blocked' },
    });
  });

  test('a truncated answer is text up to its last whole character', async () => {
    const id = await seedDelivery(api.database, await seedEvent(api.database, org), webhook);
    await seedAttempt(api.database, id, { responseBody: Buffer.from('xü').subarray(0, 2), truncated: true });
    const response = await api.call('get', path(`/${id}`)).expect(200);
    expect((response.body as DeliveryWithAttempts).Attempts[0]?.Response).toMatchObject({
      Body: 'x',
      Encoding: 'utf8',
      Truncated: true,
    });
  });

  test('none is 404', async () => {
    await api.call('get', path(`/${newId()}`)).expect(404);
    // An id of a time that has no partition.
    await api.call('get', path('/ffffffff-ffff-7fff-bfff-ffffffffffff')).expect(404);
    await api.call('get', path('/00000000-0000-4000-8000-000000000000')).expect(404);
  });
});

describe('resend', () => {
  test('is asked of the dispatcher, whatever the status, and answers 202 with the delivery', async () => {
    for (const status of ['Succeeded', 'Failed', 'Pending', 'Held', 'Cancelled']) {
      const id = await seedDelivery(api.database, await seedEvent(api.database, org), webhook, { status });
      const response = await api.call('post', path(`/${id}/resend`)).expect(202);
      expect(response.body).toMatchObject({ Id: id, Status: status, Attempts: [] });
      expect(api.services.askedFor('resend').at(-1)).toEqual({ OrganizationId: org, DeliveryId: id });
    }
  });

  test('the log of a deleted webhook stays, its deliveries are not sent again', async () => {
    const gone = (await api.webhook(org)).Id;
    const id = await seedDelivery(api.database, await seedEvent(api.database, org), gone, {
      status: 'Failed',
    });
    await api.call('delete', `/v1/organizations/${org}/webhooks/${gone}`).expect(204);
    await api.call('get', path(`/${id}`)).expect(200);
    expect((await list(`?WebhookId=${gone}`)).Data).toHaveLength(1);
    const response = await api.call('post', path(`/${id}/resend`)).expect(409);
    expect(response.body).toMatchObject({ code: 'conflict' });
  });

  test('none is 404, a dispatcher that is away 503, a body is refused', async () => {
    await api.call('post', path(`/${newId()}/resend`)).expect(404);
    const id = await seedDelivery(api.database, await seedEvent(api.database, org), webhook);
    await api
      .call('post', path(`/${id}/resend`))
      .send({ Force: true })
      .expect(422);
    api.services.away.add('resend');
    await api.call('post', path(`/${id}/resend`)).expect(503);
    api.services.away.clear();
  });
});

test('a message to people is shown as it was sent', async () => {
  const event = await seedEvent(api.database, org, {});
  const id = await seedDelivery(api.database, event, webhook);
  const attempt = await seedAttempt(api.database, id, { signed: false });
  const request = {
    Url: 'https://hooks.slack.com/x',
    Headers: { Host: 'hooks.slack.com' },
    Body: '{"text":"ä"}',
  };
  await api.database.query('UPDATE attempts SET request = $2 WHERE id = $1', [
    attempt,
    JSON.stringify(request),
  ]);
  const response = await api.call('get', path(`/${id}`)).expect(200);
  expect((response.body as DeliveryWithAttempts).Attempts[0]?.Request).toEqual(request);
});
