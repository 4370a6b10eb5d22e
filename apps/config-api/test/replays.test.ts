import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { newId } from '@postrider/database';
import { seedDelivery, seedEvent } from './support/services.js';
import { startApi, type TestApi } from './support/api.js';

let api: TestApi;
let org: string;
beforeAll(async () => {
  api = await startApi();
  org = await api.organization();
});
afterAll(() => api.stop());

const path = (organization = org) => `/v1/organizations/${organization}/replays`;
const create = (body: object, as?: string) => api.call('post', path(), as).send(body);
const all = { From: 0, To: Date.now() + 3_600_000 };

async function deliver(
  webhookId: string,
  status: string,
  topic?: string,
  organization = org,
): Promise<string> {
  const event = await seedEvent(api.database, organization, topic === undefined ? {} : { topic });
  return seedDelivery(api.database, event, webhookId, { status });
}
const listedIn = async (id: string): Promise<string[]> => {
  const rows = await api.database.query<{ delivery_id: string }>(
    'SELECT delivery_id FROM replay_deliveries WHERE replay_id = $1',
    [id],
  );
  return rows.map((row) => row.delivery_id).sort();
};
/** As the dispatcher does. */
const finish = (id: string) =>
  api.database.query('UPDATE replays SET finished_at = now_ms(), succeeded = total WHERE id = $1', [id]);

test('takes in what its filters leave, as the list of deliveries does', async () => {
  const [one, two] = [await api.webhook(org), await api.webhook(org)];
  const failed = [await deliver(one.Id, 'Failed'), await deliver(one.Id, 'Failed', 'job.execution.started')];
  const received = await deliver(one.Id, 'Succeeded');
  const elsewhere = await deliver(two.Id, 'Failed');
  const cases: [object, string[]][] = [
    [{}, [...failed, received, elsewhere]],
    [{ WebhookId: one.Id }, [...failed, received]],
    [{ Status: 'Failed' }, [...failed, elsewhere]],
    [{ WebhookId: one.Id, Status: 'Failed', Topic: 'job.execution.started' }, failed.slice(1)],
    [{ To: 1 }, []],
  ];
  for (const [filters, expected] of cases) {
    const preview = await create({ ...all, ...filters, DryRun: true }).expect(200);
    expect(preview.body).toEqual({ DryRun: true, Total: expected.length });
    const response = await create({ ...all, ...filters }).expect(202);
    const replay = response.body as { Id: string; State: string };
    expect(replay).toMatchObject({ Total: expected.length, Done: 0 });
    expect(replay.State).toBe(expected.length === 0 ? 'Completed' : 'Running');
    expect(await listedIn(replay.Id)).toEqual([...expected].sort());
    await finish(replay.Id);
  }
  await api.call('delete', `/v1/organizations/${org}/webhooks/${two.Id}`).expect(204);
  expect((await create({ ...all, Status: 'Failed', DryRun: true })).body).toMatchObject({ Total: 2 });
});

test('tells its progress while it runs, and its end', async () => {
  const { Id: WebhookId } = await api.webhook(org);
  for (let count = 0; count < 4; count += 1) await deliver(WebhookId, 'Failed');
  const { Id } = (await create({ ...all, WebhookId, RatePerSecond: 7 }).expect(202)).body as { Id: string };
  const expected = {
    Id,
    OrganizationId: org,
    WebhookId,
    Status: null,
    Topic: null,
    ...all,
    RatePerSecond: 7,
    Total: 4,
    Done: 0,
    Succeeded: 0,
    Failed: 0,
    State: 'Running',
    CreatedAt: expect.any(Number),
    FinishedAt: null,
  };
  const read = () => api.call('get', `${path()}/${Id}`).expect(200);
  expect((await read()).body).toEqual(expected);
  await api.database.query(
    `UPDATE replay_deliveries SET released = true, succeeded = n <> 1
     FROM (SELECT resend_id AS r, row_number() OVER () AS n FROM replay_deliveries WHERE replay_id = $1) AS x
     WHERE resend_id = r AND n < 4`,
    [Id],
  );
  expect((await read()).body).toEqual({ ...expected, Done: 3, Succeeded: 2, Failed: 1 });
  await finish(Id);
  expect((await read()).body).toEqual({
    ...expected,
    Done: 4,
    Succeeded: 4,
    State: 'Completed',
    FinishedAt: expect.any(Number),
  });
  await api.call('delete', `${path()}/${Id}`).expect(204);
  expect((await read()).body).toMatchObject({ State: 'Completed' });
});

test('cancel; the list is paged, newest first', async () => {
  const own = await api.organization('Paged');
  const { Id: WebhookId } = await api.webhook(own);
  await deliver(WebhookId, 'Failed', undefined, own);
  const ids: string[] = [];
  for (let count = 0; count < 3; count += 1) {
    const made = await api.call('post', path(own)).send(all).expect(202);
    ids.unshift((made.body as { Id: string }).Id);
  }
  await api.call('delete', `${path(own)}/${ids[0]}`).expect(204);
  await api.call('delete', `${path(own)}/${ids[0]}`).expect(204);
  const first = await api.call('get', `${path(own)}?Limit=2`).expect(200);
  const page = first.body as { Data: { Id: string; State: string }[]; NextCursor: string };
  expect(page.Data.map(({ Id, State }) => [Id, State])).toEqual([
    [ids[0], 'Cancelled'],
    [ids[1], 'Running'],
  ]);
  const second = await api.call('get', `${path(own)}?Limit=2&Cursor=${page.NextCursor}`).expect(200);
  expect(second.body).toMatchObject({ Data: [{ Id: ids[2] }], NextCursor: null });
});

describe('refuses', () => {
  test.each([
    [{ To: 1 }, '/From'],
    [{ From: 1 }, '/To'],
    [{ From: 2, To: 1 }, '/From'],
    [{ ...all, From: '0' }, '/From'],
    [{ ...all, WebhookId: 'x' }, '/WebhookId'],
    [{ ...all, Status: 'failed' }, '/Status'],
    [{ ...all, Topic: 'job.*' }, '/Topic'],
    [{ ...all, DryRun: 'yes' }, '/DryRun'],
    [{ ...all, RatePerSecond: 0 }, '/RatePerSecond'],
    [{ ...all, RatePerSecond: 1_001 }, '/RatePerSecond'],
    [{ ...all, Rate: 1 }, '/Rate'],
  ])('%j, and names %s', async (body, pointer) => {
    const response = await create(body).expect(422);
    expect(response.body).toMatchObject({
      code: 'invalid_fields',
      errors: expect.arrayContaining([expect.objectContaining({ pointer })]),
    });
  });

  test("what is another organization's, or not there", async () => {
    const other = await api.organization('Other');
    const { Id: WebhookId } = await api.webhook(other);
    await deliver(WebhookId, 'Failed', undefined, other);
    const made = await api.call('post', path(other)).send(all).expect(202);
    const { Id } = made.body as { Id: string };
    for (const call of [
      api.call('get', `${path()}/${Id}`),
      api.call('delete', `${path()}/${Id}`),
      api.call('get', `${path()}/${newId()}`),
      create({ ...all, WebhookId }),
      create({ ...all, WebhookId, DryRun: true }),
    ])
      expect((await call.expect(404)).body).toMatchObject({ code: 'not_found' });
    const key = await api.key(other, 'deliveries:resend');
    await create(all, key).expect(404);
    expect((await api.call('get', `${path(other)}/${Id}`)).body).toMatchObject({ State: 'Running' });
  });

  test('keys without the scope', async () => {
    const reads = await api.key(org, 'deliveries:read');
    await create(all, reads).expect(403);
    await create({ ...all, DryRun: true }, reads).expect(403);
    await api.call('delete', `${path()}/${newId()}`, reads).expect(403);
    await api.call('get', path(), reads).expect(200);
    const resends = await api.key(org, 'deliveries:resend');
    await create({ ...all, DryRun: true }, resends).expect(200);
    await api.call('get', path(), resends).expect(200);
  });

  test('a disabled webhook, and an eleventh that runs', async () => {
    const own = await api.organization('Busy');
    const { Id: WebhookId } = await api.webhook(own);
    await deliver(WebhookId, 'Failed', undefined, own);
    for (let count = 0; count < 10; count += 1) await api.call('post', path(own)).send(all).expect(202);
    const eleventh = await api.call('post', path(own)).send(all).expect(409);
    expect(eleventh.body).toMatchObject({ code: 'conflict' });
    await api.database.query("UPDATE webhooks SET state = 'disabled' WHERE id = $1", [WebhookId]);
    const disabled = await api
      .call('post', path(own))
      .send({ ...all, WebhookId })
      .expect(409);
    expect(disabled.body).toMatchObject({ errors: [{ pointer: '/WebhookId' }] });
  });

  test('more deliveries than a replay may have: nothing is written', async () => {
    const own = await api.organization('Large');
    const { Id: WebhookId } = await api.webhook(own);
    await api.database.query(
      `INSERT INTO deliveries (id, organization_id, webhook_id, event_uid, updated_at, status, trigger, event_id, topic)
       SELECT uuidv7(), $1, $2, uuidv7(), 1, 'Failed', 'event', 'e', 'job.execution.failed' FROM generate_series(1, 100001)`,
      [own, WebhookId],
    );
    for (const DryRun of [true, false]) {
      const response = await api
        .call('post', path(own))
        .send({ ...all, DryRun })
        .expect(422);
      expect(response.body).toMatchObject({ errors: [{ pointer: '/From' }, { pointer: '/To' }] });
    }
    expect((await api.call('get', path(own))).body).toEqual({ Data: [], NextCursor: null });
  });
});
