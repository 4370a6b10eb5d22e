import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { waitFor } from '@postrider/test-kit';
import { RetentionJob } from '../src/retention/retention.job.js';
import { seedAttempt, seedDelivery, seedEvent } from './support/services.js';
import { startApi, type TestApi } from './support/api.js';

let api: TestApi;
let org: string;
beforeAll(async () => {
  api = await startApi({ env: { RETENTION_DAYS: '5' } });
  // The run at the start would drop the days that a test makes.
  await waitFor('the first run of the retention job', async () => {
    const { text } = await api.call('get', '/metrics', null);
    return /postrider_retention_runs_total\{[^}]*outcome="done"[^}]*\} 1\n/.test(text);
  });
  org = await api.organization();
});
afterAll(() => api.stop());

const dayMs = 86_400_000;

async function count(table: string, organizationId: string): Promise<number> {
  const [row] = await api.database.query<{ n: number }>(
    `SELECT count(*) AS n FROM ${table} WHERE organization_id = $1`,
    [organizationId],
  );
  return row?.n ?? -1;
}

test('days past their time go, but those that still have something to deliver', async () => {
  await api.database.query('SELECT ensure_partitions(12, 0)');
  const { Id: webhook } = await api.webhook(org);
  const seed = async (daysAgo: number, status: string) =>
    seedDelivery(
      api.database,
      await seedEvent(api.database, org, { atMs: Date.now() - daysAgo * dayMs }),
      webhook,
      { status },
    );
  const old = await seed(10, 'Succeeded');
  const waiting = await seed(9, 'Pending');
  const held = await seed(8, 'Held');
  const kept = await seed(4, 'Failed');
  await api.app.get(RetentionJob).run();

  const rows = await api.database.query<{ id: string }>(
    'SELECT id FROM deliveries WHERE organization_id = $1',
    [org],
  );
  const left = rows.map((row) => row.id);
  expect(left).not.toContain(old);
  expect(left).toEqual(expect.arrayContaining([waiting, held, kept]));
  await api.call('get', `/v1/organizations/${org}/deliveries/${old}`).expect(404);
  await api.call('get', `/v1/organizations/${org}/deliveries/${held}`).expect(200);
});

test('the days to come have their partitions', async () => {
  await api.database.query('DROP TABLE IF EXISTS events_20990101');
  const [before] = await api.database.query<{ name: string }>(
    `SELECT max(inhrelid::regclass::text) AS name FROM pg_inherits WHERE inhparent = 'attempts'::regclass`,
  );
  await api.database.query(`DROP TABLE ${before?.name}`);
  await api.app.get(RetentionJob).run();
  const [after] = await api.database.query('SELECT to_regclass($1) IS NOT NULL AS there', [before?.name]);
  expect(after).toEqual({ there: true });
});

test('a deleted organization takes everything along', async () => {
  const gone = await api.organization();
  const { Id: webhook } = await api.webhook(gone);
  const event = await seedEvent(api.database, gone);
  await seedAttempt(api.database, await seedDelivery(api.database, event, webhook, { status: 'Failed' }));
  await api.call('delete', `/v1/organizations/${gone}`).expect(204);
  expect(await count('events', gone)).toBe(1);
  await api.database.query('UPDATE organizations SET deleted_at = deleted_at - 120000 WHERE id = $1', [gone]);
  await api.app.get(RetentionJob).run();
  for (const table of ['events', 'event_ids', 'deliveries', 'attempts', 'api_keys']) {
    expect([table, await count(table, gone)]).toEqual([table, 0]);
  }
  expect(await count('deliveries', org)).toBeGreaterThan(0);
});

test('the service may not do the rest of what an administrator may, nor look at secrets', async () => {
  const pg = await import('pg');
  const client = new pg.default.Client({ connectionString: api.database.urlFor('config_api') });
  await client.connect();
  try {
    for (const sql of [
      'SELECT * FROM signing_secrets',
      'SELECT * FROM webhook_credentials',
      'DELETE FROM signing_secrets',
      'DELETE FROM events',
      "UPDATE deliveries SET status = 'Pending'",
      'INSERT INTO resends SELECT gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), 0, 0',
      `SELECT purge_organization('${org}')`,
      'DROP TABLE events',
    ]) {
      await expect(client.query(sql)).rejects.toMatchObject({ code: '42501' });
    }
  } finally {
    await client.end();
  }
});
