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
    const database = await lockHolder.query<{ name: string }>('SELECT current_database() AS name');
    const prefix = options.rolePrefix ?? defaultRolePrefix(database.rows[0]?.name ?? 'postrider');
    await ensureRoles(lockHolder, prefix, options.rolePasswords ?? {});
    const ran = await withRolePrefix(prefix, () => runMigrations(options.databaseUrl));
    await lockHolder.query('SELECT ensure_partitions(1, 7)');
    return ran;
  } finally {
    await lockHolder.end();
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
  const ran = await migrate(readMigrateConfig());
  process.stdout.write(ran.length === 0 ? 'database is up to date\n' : `migrated: ${ran.join(', ')}\n`);
}
