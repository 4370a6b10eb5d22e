import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '@postrider/test-kit';
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Client } from 'pg';
import { readMigrateConfig } from '../src/config.js';
import { migrate } from '../src/migrate.js';
import { migrations } from '../src/migrations/index.js';
import { defaultRolePrefix, roleName, serviceRoles } from '../src/roles.js';

const all = migrations.map((migration) => new migration().name);

describe('on an empty database', () => {
  let database: TestDatabase;
  beforeEach(async () => {
    database = await createTestDatabase({ empty: true });
  });
  afterEach(async () => {
    const roles = serviceRoles.map((service) => roleName(database.name, service));
    for (const role of roles) {
      await database.query(`DROP OWNED BY ${role}`);
      await database.query(`DROP ROLE ${role}`);
    }
    await database.drop();
  });

  test('the first run makes everything, the second nothing; roles are called by the database', async () => {
    const options = { databaseUrl: database.adminUrl, rolePasswords: { signer: `it's "secret" \\ $1` } };
    expect(await migrate(options)).toEqual(all);
    expect(await migrate(options)).toEqual([]);
    const roles = await database.query<{ rolname: string; rolcanlogin: boolean; rolsuper: boolean }>(
      `SELECT rolname, rolcanlogin, rolsuper FROM pg_roles WHERE starts_with(rolname, $1 || '_') ORDER BY 1`,
      [database.name],
    );
    expect(roles).toEqual(
      ['config_api', 'dispatcher', 'event_ingest', 'signer'].map((service) => ({
        rolname: `${database.name}_${service}`,
        // Who was given no password can't log in.
        rolcanlogin: service === 'signer',
        rolsuper: false,
      })),
    );
  });

  test('before a restore the roles alone are made, and no table', async () => {
    const { stdout } = await promisify(execFile)(
      process.execPath,
      [fileURLToPath(new URL('../dist/migrate.js', import.meta.url)), '--roles-only'],
      { env: { DATABASE_URL: database.adminUrl, ROLE_PASSWORDS: '{"signer":"one"}' } },
    );
    expect(stdout).toBe('roles are there\n');
    const roles = await database.query(`SELECT FROM pg_roles WHERE starts_with(rolname, $1 || '_')`, [
      database.name,
    ]);
    expect(roles).toHaveLength(serviceRoles.length);
    expect(await database.query(`SELECT FROM pg_tables WHERE schemaname = 'public'`)).toEqual([]);
  });

  test('several at the same time wait for each other: one does it', async () => {
    const runs = await Promise.all([1, 2, 3, 4].map(() => migrate({ databaseUrl: database.adminUrl })));
    expect(runs.flat()).toEqual(all);
  });

  test('as a program it says what it did, and lets the services log in', async () => {
    const run = async (passwords: string) => {
      const { stdout } = await promisify(execFile)(
        process.execPath,
        [fileURLToPath(new URL('../dist/migrate.js', import.meta.url))],
        { env: { DATABASE_URL: database.adminUrl, ROLE_PASSWORDS: passwords } },
      );
      return stdout;
    };
    expect(await run('{"signer":"one"}')).toBe(`migrated: ${all.join(', ')}\n`);
    expect(await run('{"signer":"two","dispatcher":"three"}')).toBe('database is up to date\n');
    for (const [role, password] of [
      ['signer', 'two'],
      ['dispatcher', 'three'],
    ] as const) {
      const url = new URL(database.adminUrl);
      url.username = roleName(database.name, role);
      url.password = password;
      const client = new Client({ connectionString: url.href });
      await client.connect();
      const { rows } = await client.query<{ user: string }>('SELECT current_user AS user');
      expect(rows[0]?.user).toBe(url.username);
      await client.end();
    }
  });
});

test.each([
  ['postrider', 'postrider'],
  ['My-App DB', 'my_app_db'],
  ['2024', 'p_2024'],
  ['ä', '_'],
  ['x'.repeat(63), 'x'.repeat(41)],
])('the database %s gives roles the prefix %s', (name, prefix) => {
  expect(defaultRolePrefix(name)).toBe(prefix);
  expect(roleName(prefix, 'config_api')).toBe(`${prefix}_config_api`);
});

test.each(['', 'a"; DROP ROLE x; --', 'Upper', '1a', 'x'.repeat(42)])(
  'a role prefix such as %p is refused',
  (prefix) => {
    expect(() => roleName(prefix, 'signer')).toThrow(/ROLE_PREFIX/);
  },
);

test('settings that are wrong are told by name, passwords never', () => {
  expect(() => readMigrateConfig({})).toThrow(/DATABASE_URL is missing/);
  for (const passwords of [
    '{"signer": canary',
    '"canary"',
    'null',
    '[]',
    '{"admin":"canary"}',
    '{"signer":1}',
  ]) {
    const read = () => readMigrateConfig({ DATABASE_URL: 'postgres://x', ROLE_PASSWORDS: passwords });
    expect(read).toThrow(/^ROLE_PASSWORDS must be a JSON object of passwords/);
    expect(read).not.toThrow(/canary/);
  }
  expect(
    readMigrateConfig({
      DATABASE_URL: 'postgres://x',
      ROLE_PREFIX: 'acme',
      ROLE_PASSWORDS: '{"signer":"s"}',
    }),
  ).toEqual({ databaseUrl: 'postgres://x', rolePrefix: 'acme', rolePasswords: { signer: 's' } });
});
