// The second wall between organizations: what a statement without its condition on organization_id would see.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '@postrider/test-kit';
import type { Pool } from 'pg';
import {
  acrossOrganizations,
  createPool,
  newId,
  roleName,
  serviceRoles,
  withinOrganization,
  withinRequest,
} from '../src/index.js';

const [mine, theirs] = [newId(), newId()];

let database: TestDatabase;
let configApi: Pool;
let dispatcher: Pool;
beforeAll(async () => {
  database = await createTestDatabase();
  const open = (role: 'config_api' | 'dispatcher', byOrganization: boolean) =>
    createPool(
      { databaseUrl: database.urlFor(role), applicationName: role, max: 3, byOrganization },
      () => undefined,
    );
  configApi = open('config_api', true);
  dispatcher = open('dispatcher', false);
  for (const organization of [mine, theirs]) {
    await database.query(
      `INSERT INTO organizations (id, name, created_at, updated_at) VALUES ($1, 'x', now_ms(), now_ms())`,
      [organization],
    );
    await database.query(
      `INSERT INTO webhooks (id, organization_id, type, topics, timeout_seconds, secret_version, created_at, updated_at)
       VALUES ($1, $2, 'webhook', '{*}', 15, 1, now_ms(), now_ms())`,
      [newId(), organization],
    );
    await database.query(
      `INSERT INTO deliveries (id, organization_id, webhook_id, event_uid, updated_at, status, trigger, event_id, topic)
       VALUES ($1, $2, $1, $1, now_ms(), 'Pending', 'event', 'e', 't')`,
      [newId(), organization],
    );
  }
});
afterAll(async () => {
  await Promise.all([configApi.end(), dispatcher.end()]);
  await database.drop();
});

const seen = async (pool: Pool, table: string): Promise<string[]> => {
  const column = table === 'organizations' ? 'id' : 'organization_id';
  const result = await pool.query<{ id: string }>(`SELECT ${column} AS id FROM ${table} ORDER BY 1`);
  return result.rows.map((row) => row.id);
};

test.each(['organizations', 'webhooks', 'deliveries'])('%s without a condition', async (table) => {
  expect(await withinOrganization(mine, () => seen(configApi, table))).toEqual([mine]);
  expect(await withinOrganization(theirs, () => seen(configApi, table))).toEqual([theirs]);
  expect(await acrossOrganizations(() => seen(configApi, table))).toEqual([mine, theirs].sort());
  expect(await seen(dispatcher, table)).toEqual([mine, theirs].sort());
});

test('connections are told anew whenever they are taken, in transactions that fail too', async () => {
  await withinOrganization(mine, async () => {
    const client = await configApi.connect();
    await client.query('BEGIN');
    await client.query('SELECT 1/0').catch(() => undefined);
    await client.query('ROLLBACK');
    expect((await client.query('SELECT organization_id FROM webhooks')).rows).toEqual([
      { organization_id: mine },
    ]);
    client.release();
  });
  const both = [mine, theirs, mine, theirs, mine, theirs, mine, theirs];
  const found = await Promise.all(
    both.map((organization) => withinOrganization(organization, () => seen(configApi, 'webhooks'))),
  );
  expect(found).toEqual(both.map((organization) => [organization]));
});

test("another organization's rows are neither changed nor made", async () => {
  await withinOrganization(mine, async () => {
    const changed = await configApi.query(
      `UPDATE webhooks SET alias = 'mine now' WHERE organization_id = $1`,
      [theirs],
    );
    expect(changed.rowCount).toBe(0);
    expect(
      (await configApi.query('DELETE FROM webhooks WHERE organization_id = $1', [theirs])).rowCount,
    ).toBe(0);
    await expect(
      configApi.query(
        `INSERT INTO audit_log (id, organization_id, created_at, actor_type, action, resource_type, resource_id)
         VALUES ($1, $2, 0, 'AdminKey', 'x', 'x', 'x')`,
        [newId(), theirs],
      ),
    ).rejects.toThrow('row-level security');
  });
});

test('nothing shows where nobody has said whose rows are meant', async () => {
  const bare = createPool(
    { databaseUrl: database.urlFor('config_api'), applicationName: 'bare', max: 1 },
    () => undefined,
  );
  expect(await seen(bare, 'webhooks')).toEqual([]);
  await bare.end();
  await withinRequest(
    () => null,
    () => expect(configApi.query('SELECT 1')).rejects.toThrow('before its caller is known'),
  );
});

test('a change of the audit log is refused', async () => {
  for (const statement of ['UPDATE audit_log SET action = NULL', 'DELETE FROM audit_log']) {
    await expect(configApi.query(statement)).rejects.toMatchObject({ code: '42501' });
  }
});

test('every table of organizations has its policies', async () => {
  const rows = await database.query<{ table: string; secured: boolean; roles: string[] | null }>(
    `SELECT c.relname AS table, c.relrowsecurity AS secured,
       (SELECT array_agg(DISTINCT r.rolname::text) FROM pg_policy p, unnest(p.polroles) AS one(oid), pg_roles r
        WHERE p.polrelid = c.oid AND r.oid = one.oid) AS roles
     FROM pg_class c
     WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
       AND (c.relname = 'organizations' OR EXISTS (
         SELECT 1 FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'organization_id' AND NOT a.attisdropped))
     ORDER BY 1`,
  );
  expect(rows.length).toBeGreaterThan(13);
  const wanted = serviceRoles.map((service) => roleName('postrider_test', service)).sort();
  const open = rows.filter((row) => !row.secured || row.roles?.sort().join() !== wanted.join());
  const advice = 'add `await runner.query(rowSecuritySql(prefix, "<table>"))` to the migration that makes it';
  expect(open.map((row) => `${row.table} has no row-level security: ${advice}`)).toEqual([]);
});

test('a foreign key between tables of organizations names the organization too', async () => {
  const rows = await database.query<{ name: string }>(
    `SELECT k.conname AS name FROM pg_constraint k
     WHERE k.contype = 'f' AND k.conparentid = 0 AND k.confrelid <> 'organizations'::regclass
       AND EXISTS (SELECT 1 FROM pg_attribute a WHERE a.attrelid = k.confrelid AND a.attname = 'organization_id')
       AND NOT EXISTS (SELECT 1 FROM pg_attribute a WHERE a.attrelid = k.conrelid AND a.attname = 'organization_id'
         AND a.attnum = ANY (k.conkey))`,
  );
  expect(rows).toEqual([]);
});

test('policies cost the dispatcher nothing: they are not in its plans', async () => {
  const plan = await dispatcher.query<{ 'QUERY PLAN': string }>(
    `EXPLAIN (COSTS OFF) SELECT id FROM deliveries WHERE webhook_id = $1 AND status = 'Pending' AND due_at < 5`.replace(
      '$1',
      `'${mine}'`,
    ),
  );
  const text = plan.rows.map((row) => row['QUERY PLAN']).join('\n');
  expect(text).not.toMatch(/current_setting|InitPlan|organization_id/);
});
