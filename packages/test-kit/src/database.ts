// A database per test file, cloned from a template that is migrated once per version of the schema.
import { execFile } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { root, urlAs, type RoleName } from '../../../scripts/lib/for-tests.mjs';
import { childEnvironment } from './child-environment.js';
import { testDatabaseUrl } from './postgres.js';
import { waitFor } from './wait-for.js';

export type { RoleName };

export interface TestDatabase {
  readonly name: string;
  /** The administrator's URL of this database. */
  readonly adminUrl: string;
  /** The URL with which a service logs in. */
  urlFor(role: RoleName): string;
  /** Runs SQL as the administrator; bigint comes as a number. */
  query<Row extends object = Record<string, unknown>>(
    sql: string,
    params?: readonly unknown[],
  ): Promise<Row[]>;
  /** Removes the database; throws, naming them, when connections to it were left open. */
  drop(): Promise<void>;
}

export interface DatabaseOptions {
  /** Leave the schema out: for tests of the migrations themselves. */
  readonly empty?: boolean;
  /** The server to make it on, default the run's. */
  readonly serverUrl?: string;
}

const rolePrefix = 'postrider_test';
const roles: readonly RoleName[] = ['config_api', 'event_ingest', 'dispatcher', 'signer'];
const rolePasswords = Object.fromEntries(roles.map((role) => [role, `test-${role}`]));
const leakGraceMs = 2_000;
/** Any number will do, as long as nothing else in the cluster locks it. */
const templateLock = 7_265_737_401;

const types = new pg.TypeOverrides();
types.setTypeParser(pg.types.builtins.INT8, Number);

const connect = async (url: string): Promise<pg.Client> => {
  const client = new pg.Client({ connectionString: url, application_name: 'test-kit', types });
  client.on('error', () => undefined);
  await client.connect();
  return client;
};

async function withClient<T>(url: string, use: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = await connect(url);
  try {
    return await use(client);
  } finally {
    await client.end();
  }
}

function urlOf(serverUrl: string, database: string): string {
  const url = new URL(serverUrl);
  url.pathname = `/${database}`;
  return url.href;
}

/** Changes with the built migrations, so that a template is never older than the code. */
function schemaVersion(dist: string): string {
  const files = readdirSync(dist, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.js'),
  );
  const hash = createHash('sha256');
  for (const file of files.sort()) hash.update(file).update(readFileSync(join(dist, file)));
  return hash.digest('hex').slice(0, 12);
}

async function migrateWith(program: string, databaseUrl: string): Promise<void> {
  await promisify(execFile)(process.execPath, [program], {
    env: {
      ...childEnvironment(),
      DATABASE_URL: databaseUrl,
      ROLE_PREFIX: rolePrefix,
      ROLE_PASSWORDS: JSON.stringify(rolePasswords),
    },
  });
}

/** The name of the template, made under a lock where it is missing: renamed only once it is whole. */
async function ensureTemplate(serverUrl: string): Promise<string> {
  const dist = join(root, 'packages', 'database', 'dist');
  const program = join(dist, 'migrate.js');
  if (!existsSync(program)) {
    throw new Error('packages/database is not built: npx turbo run build --filter=@postrider/database');
  }
  const template = `postrider_template_${schemaVersion(dist)}`;
  await withClient(serverUrl, async (client) => {
    await client.query('SELECT pg_advisory_lock($1)', [templateLock]);
    const found = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [template]);
    if (found.rowCount !== 0) return;
    const draft = `${template}_draft`;
    await client.query(`DROP DATABASE IF EXISTS ${draft} WITH (FORCE)`);
    await client.query(`CREATE DATABASE ${draft}`);
    await migrateWith(program, urlOf(serverUrl, draft));
    await client.query(`ALTER DATABASE ${draft} RENAME TO ${template}`);
  });
  return template;
}

/** A fresh migrated database on the run's PostgreSQL (or on `serverUrl`). */
export async function createTestDatabase(options: DatabaseOptions = {}): Promise<TestDatabase> {
  const serverUrl = options.serverUrl ?? (await testDatabaseUrl());
  const name = `t_${Date.now().toString(36)}_${randomBytes(5).toString('hex')}`;
  const template = options.empty === true ? 'template1' : await ensureTemplate(serverUrl);
  await withClient(serverUrl, (client) => client.query(`CREATE DATABASE ${name} TEMPLATE ${template}`));
  const adminUrl = urlOf(serverUrl, name);
  let admin: Promise<pg.Client> | undefined;
  return {
    name,
    adminUrl,
    urlFor: (role) => urlAs(adminUrl, `${rolePrefix}_${role}`, `test-${role}`),
    query: async <Row extends object>(sql: string, params: readonly unknown[] = []) => {
      admin ??= connect(adminUrl);
      return (await (await admin).query<Row>(sql, [...params])).rows;
    },
    drop: async () => {
      if (admin !== undefined) await (await admin).end();
      await withClient(serverUrl, (client) => dropDatabase(client, name));
    },
  };
}

interface Leak {
  readonly application_name: string;
  readonly state: string | null;
  readonly query: string;
}

async function dropDatabase(client: pg.Client, name: string): Promise<void> {
  let leaks: Leak[] = [];
  const isQuiet = async (): Promise<boolean> => {
    const open = await client.query<Leak>(
      `SELECT application_name, state, left(query, 80) AS query FROM pg_stat_activity
        WHERE datname = $1 AND backend_type = 'client backend'`,
      [name],
    );
    leaks = open.rows;
    return leaks.length === 0;
  };
  // A connection that was just closed takes a moment to leave the list.
  await waitFor('closed connections', isQuiet, { timeoutMs: leakGraceMs }).catch(() => undefined);
  await client.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
  if (leaks.length === 0) return;
  const list = leaks.map(
    (leak) => `  ${leak.application_name || '(no application_name)'}: ${leak.state}, ${leak.query}`,
  );
  throw new Error(`${leaks.length} connections to the test database were left open:\n${list.join('\n')}`);
}
