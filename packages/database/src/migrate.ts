// Brings a database to the present schema: as a function for tests, as a program (DATABASE_URL, ROLE_PASSWORDS) else.
import { realpathSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { Client } from 'pg';
import { DataSource } from 'typeorm';
import { readMigrateConfig, type MigrateOptions } from './config.js';
import { migrations } from './migrations/index.js';
import { defaultRolePrefix, ensureRoles, withRolePrefix } from './roles.js';

const migrationLock = 7_265_737_400;

/** Runs what has not run yet; several at a time wait for each other. Answers the names of the migrations that ran. */
export async function migrate(options: MigrateOptions): Promise<string[]> {
  const lockHolder = new Client({
    connectionString: options.databaseUrl,
    application_name: 'postrider-migrate',
  });
  await lockHolder.connect();
  try {
    await lockHolder.query('SELECT pg_advisory_lock($1)', [migrationLock]);
    const prefix = await makeRoles(lockHolder, options);
    const ran = await withRolePrefix(prefix, () => runMigrations(options.databaseUrl));
    await lockHolder.query('SELECT ensure_partitions(1, 7)');
    return ran;
  } finally {
    await lockHolder.end();
  }
}

/** Answers the prefix of their names. */
async function makeRoles(client: Client, options: MigrateOptions): Promise<string> {
  const database = await client.query<{ name: string }>('SELECT current_database() AS name');
  const prefix = options.rolePrefix ?? defaultRolePrefix(database.rows[0]?.name ?? 'postrider');
  await ensureRoles(client, prefix, options.rolePasswords ?? {});
  return prefix;
}

/** The roles alone: a dump names them in its grants and does not hold them, so they come before a restore. */
export async function migrateRoles(options: MigrateOptions): Promise<void> {
  const client = new Client({ connectionString: options.databaseUrl, application_name: 'postrider-migrate' });
  await client.connect();
  try {
    await makeRoles(client, options);
  } finally {
    await client.end();
  }
}

async function runMigrations(databaseUrl: string): Promise<string[]> {
  const source = new DataSource({
    type: 'postgres',
    url: databaseUrl,
    migrations: [...migrations],
    migrationsTableName: 'schema_migrations',
    applicationName: 'postrider-migrate',
  });
  await source.initialize();
  try {
    const ran = await source.runMigrations({ transaction: 'each' });
    return ran.map((migration) => migration.name);
  } finally {
    await source.destroy();
  }
}

const invoked = process.argv[1];
if (invoked !== undefined && import.meta.url === pathToFileURL(realpathSync(invoked)).href) {
  if (process.argv.includes('--roles-only')) {
    await migrateRoles(readMigrateConfig());
    process.stdout.write('roles are there\n');
  } else {
    const ran = await migrate(readMigrateConfig());
    process.stdout.write(ran.length === 0 ? 'database is up to date\n' : `migrated: ${ran.join(', ')}\n`);
  }
}
