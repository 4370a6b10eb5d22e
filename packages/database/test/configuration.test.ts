import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '@postrider/test-kit';
import type { Pool } from 'pg';
import { newId } from '../src/ids.js';
import { createPool } from '../src/pool.js';
import { findApiKey, hashApiKey, touchApiKeys } from '../src/sql/find-api-key.js';
import { loadConfiguration, loadWebhookConfiguration } from '../src/sql/load-configuration.js';
import { addOrganization, addWebhook } from './rows.js';

let database: TestDatabase;
let pool: Pool;
beforeAll(async () => {
  database = await createTestDatabase();
  pool = createPool(
    { databaseUrl: database.urlFor('event_ingest'), applicationName: 'test', max: 2 },
    () => undefined,
  );
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

test('configuration: all of it, what changed since, and tombstones of what was deleted since', async () => {
  const organizationId = await addOrganization(database);
  const present = await addWebhook(database, { organizationId });
  const deleted = await addWebhook(database, { organizationId, deletedMsAgo: 1_000 });
  const webhooksSince = async (sinceMs: number) =>
    (await loadConfiguration(pool, sinceMs)).flatMap((entry) =>
      entry.kind === 'webhook' ? [{ id: entry.value.Id, deleted: entry.value.Deleted }] : [],
    );
  expect(await webhooksSince(0)).toEqual([{ id: present, deleted: false }]);
  const sinceAMinute = await webhooksSince(Date.now() - 60_000);
  expect(sinceAMinute.sort((a, b) => Number(a.deleted) - Number(b.deleted))).toEqual([
    { id: present, deleted: false },
    { id: deleted, deleted: true },
  ]);
  expect(await webhooksSince(Date.now() + 60_000)).toEqual([]);
  const everything = await loadConfiguration(pool, 0);
  expect(
    everything.filter(({ kind }) => kind === 'topic').map(({ value }) => 'Name' in value && value.Name),
  ).toEqual(expect.arrayContaining(['job.execution.failed', 'webhook.ping']));
  expect(everything).toContainEqual({
    kind: 'organization',
    value: { Id: organizationId, Deleted: false, Version: expect.any(Number) },
  });
  expect(await loadWebhookConfiguration(pool, organizationId, present)).toMatchObject({
    Id: present,
    Type: 'webhook',
    Url: 'https://example.com',
    Topics: ['*'],
    Deleted: false,
  });
  expect(await loadWebhookConfiguration(pool, newId(), present)).toBeNull();
});

test('an API key is found by its text alone, until it expires or its organization is deleted', async () => {
  const add = async (key: string, expiresInMs: number | null, organizationId: string) => {
    const id = newId();
    await database.query(
      `INSERT INTO api_keys (id, organization_id, name, scopes, prefix, hash, created_at, expires_at)
       VALUES ($1, $2, 'k', '{webhooks:read}', 'pr_', $3, 0, now_ms() + $4::bigint)`,
      [id, organizationId, hashApiKey(key), expiresInMs],
    );
    return id;
  };
  const organizationId = await addOrganization(database);
  const gone = await addOrganization(database, { deletedMsAgo: 1 });
  const id = await add('pr_good', 60_000, organizationId);
  await add('pr_forever', null, organizationId);
  await add('pr_expired', -1, organizationId);
  await add('pr_gone', null, gone);
  expect(await findApiKey(pool, 'pr_good')).toEqual({
    id,
    organizationId,
    scopes: ['webhooks:read'],
    expiresAt: expect.any(Number),
  });
  expect(await findApiKey(pool, 'pr_forever')).toMatchObject({ organizationId, expiresAt: null });
  for (const key of ['pr_expired', 'pr_gone', 'pr_unknown', 'PR_GOOD', 'pr_good ', '']) {
    expect(await findApiKey(pool, key)).toBeNull();
  }
  const [stored] = await database.query<{ row: string }>(
    'SELECT api_keys::text AS row FROM api_keys WHERE id = $1',
    [id],
  );
  expect(stored?.row).not.toContain('pr_good');

  const lastUsed = async () =>
    (
      await database.query<{ at: number | null }>('SELECT last_used_at AS at FROM api_keys WHERE id = $1', [
        id,
      ])
    )[0]?.at;
  expect(await lastUsed()).toBeNull();
  await touchApiKeys(pool, [id]);
  const first = await lastUsed();
  expect(first).toBeGreaterThan(0);
  await touchApiKeys(pool, [id]);
  expect(await lastUsed()).toBe(first);
});
