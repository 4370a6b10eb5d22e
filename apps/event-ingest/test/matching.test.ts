// Which webhooks get an event: topics, filters, states, and changes of the configuration while the service runs.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { WebhookConfiguration } from '@postrider/contracts';
import { waitFor } from '@postrider/test-kit';
import { Ingest } from './ingest.js';

let ingest: Ingest;

beforeAll(async () => {
  ingest = await Ingest.prepare();
});
afterAll(async () => ingest.close());

let count = 0;
async function targets(name: string, more: object = {}): Promise<string[]> {
  const Id = `m-${(count += 1)}`;
  const answer = await ingest.accept({ Id, Topic: name, Data: {}, ...more });
  const deliveries = await ingest.deliveries(Id);
  expect(answer.Deliveries).toBe(deliveries.length);
  return deliveries.map(({ webhook_id }) => webhook_id).sort();
}

describe('as it stands at the start', () => {
  const ids: Record<string, string> = {};
  const of = (...names: string[]) => names.map((name) => ids[name]).sort();

  beforeAll(async () => {
    await ingest.database.query(
      `INSERT INTO topics (name, created_at, updated_at, deleted_at)
       VALUES ('job.execution.failed.twice', now_ms(), now_ms(), NULL), ('old.topic', now_ms(), now_ms(), now_ms())`,
    );
    const add = async (name: string, values: Partial<WebhookConfiguration>) => {
      ids[name] = await ingest.addWebhook(values);
    };
    await add('failed', { Topics: ['job.execution.failed'] });
    await add('executions', { Topics: ['job.execution.*'] });
    await add('below failed', { Topics: ['job.execution.failed.*'] });
    await add('jobs', { Topics: ['job.*', 'job.execution.failed'] });
    await add('all', { Topics: ['*'] });
    await add('paused', { Topics: ['job.execution.started'], State: 'paused', TimeoutSeconds: 3 });
    await add('disabled', { Topics: ['*'], State: 'disabled' });
    await add('filtered', {
      Topics: ['job.execution.succeeded'],
      Filter: [{ Field: 'Data.n', Operator: 'is', Value: '12345678901234567891' }],
    });
    await add('by actor', {
      Topics: ['job.execution.succeeded'],
      Filter: [
        { Field: 'Actor.Id', Operator: 'is', Value: 'u1' },
        { Field: 'Resource', Operator: 'starts_with', Value: 'Job' },
      ],
    });
    await add('invalid', {
      Topics: ['*'],
      Filter: [{ Field: 'NoSuchField', Operator: 'is', Value: 'x' }],
    });
    await add('deleted', { Topics: ['*'] });
    await ingest.database.query('UPDATE webhooks SET deleted_at = now_ms() WHERE id = $1', [ids['deleted']]);
    await ingest.open();
  });

  test('topics: exact, prefixes at any depth, all; each webhook once', async () => {
    expect(await targets('job.execution.failed')).toEqual(of('failed', 'executions', 'jobs', 'all'));
    expect(await targets('job.execution.failed.twice')).toEqual(
      of('executions', 'below failed', 'jobs', 'all'),
    );
    expect((await ingest.post({ Topic: 'old.topic', Data: {} })).status).toBe(422);
  });

  test('filters look into Data with every digit, at the Actor and the Resource', async () => {
    const always = ['executions', 'jobs', 'all'];
    const topic = 'job.execution.succeeded';
    expect(await targets(topic)).toEqual(of(...always));
    const text = (n: string, Id: string) => `{"Id":"${Id}","Topic":"${topic}","Data":{"n":${n}}}`;
    await ingest.post(text('12345678901234567891', 'digits-1'));
    await ingest.post(text('12345678901234567890', 'digits-0'));
    expect(await ingest.deliveries('digits-1')).toHaveLength(4);
    expect(await ingest.deliveries('digits-0')).toHaveLength(3);
    expect(await targets(topic, { Actor: { Type: 'User', Id: 'u1' }, Resource: 'JobExecution' })).toEqual(
      of(...always, 'by actor'),
    );
    expect(await targets(topic, { Actor: { Type: 'User', Id: 'u1' } })).toEqual(of(...always));
  });

  test('a paused webhook gets Held deliveries, which go nowhere yet; a disabled one none', async () => {
    expect(await targets('job.execution.started')).toEqual(of('executions', 'jobs', 'all', 'paused'));
    const deliveries = await ingest.deliveries(`m-${count}`);
    const held = deliveries.find(({ webhook_id }) => webhook_id === ids['paused']);
    expect(held).toMatchObject({ status: 'Held', due_at: null, trigger: 'event' });
    await waitFor(
      'the lane',
      () => ingest.lane.filter(({ event }) => event.id === `m-${count}`).length === 3,
    );
    expect(ingest.lane.some(({ id }) => id === held?.id)).toBe(false);
  });
});

describe('changes are followed', () => {
  const topic = 'job.execution.started';

  const announced = async (): Promise<void> => ingest.announce();
  const change = async (id: string, sql: string): Promise<void> => {
    await ingest.database.query(
      `UPDATE webhooks SET ${sql}, updated_at = now_ms(), version = nextval('config_version') WHERE id = $1`,
      [id],
    );
    await announced();
  };
  const becomes = (id: string, wanted: boolean) =>
    waitFor(
      `events ${wanted ? '' : 'not '}to go to the webhook`,
      async () => (await targets(topic)).includes(id) === wanted,
    );

  test('a new webhook, its topics, its filter, pause, resume, disabling, deletion', async () => {
    const id = await ingest.addWebhook({ Topics: [topic] });
    await announced();
    await becomes(id, true);
    await change(id, `topics = '{job.execution.failed}'`);
    await becomes(id, false);
    await change(id, `topics = '{job.*}', filter = '[{"Field":"Data.x","Operator":"is","Value":"1"}]'`);
    await waitFor('the filter', async () => (await targets(topic, { Data: { x: '1' } })).includes(id));
    await becomes(id, false);
    await change(id, `filter = NULL, state = 'paused'`);
    await becomes(id, true);
    expect((await ingest.deliveries(`m-${count}`)).find((row) => row.webhook_id === id)?.status).toBe('Held');
    await change(id, `state = 'enabled'`);
    await waitFor('the resume', async () => {
      await targets(topic);
      const rows = await ingest.deliveries(`m-${count}`);
      return rows.find((row) => row.webhook_id === id)?.status === 'Pending';
    });
    await change(id, `state = 'disabled'`);
    await becomes(id, false);
    await change(id, `state = 'enabled'`);
    await becomes(id, true);
    await change(id, 'deleted_at = now_ms()');
    await becomes(id, false);
  });

  test('a topic that was just made is known at once; one that was deleted is refused', async () => {
    await ingest.database.query(
      `INSERT INTO topics (name, created_at, updated_at) VALUES ('brand.new', now_ms(), now_ms())`,
    );
    expect((await ingest.post({ Topic: 'brand.new', Data: {} })).status).toBe(202);
    await ingest.database.query(
      `UPDATE topics SET deleted_at = now_ms(), updated_at = now_ms(), version = nextval('config_version')
       WHERE name = 'brand.new'`,
    );
    await announced();
    await waitFor('422', async () => (await ingest.post({ Topic: 'brand.new', Data: {} })).status === 422);
  });

  test('a deleted organization is 404 at once', async () => {
    const organizationId = await ingest.addOrganization();
    expect((await ingest.post({ Topic: topic, Data: {} }, { organizationId })).status).toBe(202);
    await ingest.database.query(
      `UPDATE organizations SET deleted_at = now_ms(), updated_at = now_ms(), version = nextval('config_version')
       WHERE id = $1`,
      [organizationId],
    );
    await announced();
    const status = async () => (await ingest.post({ Topic: topic, Data: {} }, { organizationId })).status;
    await waitFor('404', async () => (await status()) === 404);
  });

  test('what was announced while NATS was away is read from PostgreSQL when it is back', async () => {
    const id = await ingest.addWebhook({ Topics: [topic] });
    await ingest.nats.restart();
    await becomes(id, true);
  });
});
