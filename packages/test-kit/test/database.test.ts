import { expect, test } from '@jest/globals';
import pg from 'pg';
import { createTestDatabase } from '../src/index.js';

test('every database is migrated, and its own', async () => {
  const [one, other] = await Promise.all([createTestDatabase(), createTestDatabase()]);
  try {
    await one.query(`CREATE TABLE only_here AS SELECT 9007199254740991::bigint AS big`);
    expect(await one.query('SELECT big FROM only_here')).toEqual([{ big: 9007199254740991 }]);
    await expect(other.query('SELECT big FROM only_here')).rejects.toThrow(/does not exist/);
    const [row] = await other.query<{ migrations: number }>(
      'SELECT count(*) AS migrations FROM schema_migrations',
    );
    expect(row?.migrations).toBeGreaterThan(0);
  } finally {
    await Promise.all([one.drop(), other.drop()]);
  }
});

test('each service logs in as itself, and is no superuser', async () => {
  const database = await createTestDatabase();
  try {
    for (const role of ['config_api', 'event_ingest', 'dispatcher', 'signer'] as const) {
      const client = new pg.Client({ connectionString: database.urlFor(role) });
      await client.connect();
      const { rows } = await client.query(
        'SELECT current_user AS role, usesuper FROM pg_user WHERE usename = current_user',
      );
      await client.end();
      expect(rows).toEqual([{ role: `postrider_test_${role}`, usesuper: false }]);
    }
  } finally {
    await database.drop();
  }
});

test('a connection left open fails the drop by name, and the database is gone all the same', async () => {
  const database = await createTestDatabase();
  const leak = new pg.Client({ connectionString: database.adminUrl, application_name: 'the-forgetful-one' });
  leak.on('error', () => undefined);
  await leak.connect();
  await expect(database.drop()).rejects.toThrow(/1 connections .* left open:\n {2}the-forgetful-one: idle/);
  const late = new pg.Client({ connectionString: database.adminUrl });
  await expect(late.connect()).rejects.toThrow(/does not exist/);
});

test('an empty one has no schema', async () => {
  const database = await createTestDatabase({ empty: true });
  try {
    const tables = await database.query(`SELECT 1 FROM pg_tables WHERE schemaname = 'public'`);
    expect(tables).toEqual([]);
  } finally {
    await database.drop();
  }
});
