// Each role is tried, for real, on every table, function and sequence: what its service needs works, the rest is refused.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Client } from 'pg';
import { serviceRoles, type ServiceRole } from '../src/roles.js';

/** A migrated database, and how its roles log in. */
export interface Tried {
  urlFor(role: ServiceRole): string;
  /** As the administrator. */
  query<Row extends object>(sql: string): Promise<Row[]>;
  stop(): Promise<void>;
}

type Privilege = 'SELECT' | 'INSERT' | 'UPDATE' | 'DELETE' | 'TRUNCATE';
const all: readonly Privilege[] = ['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE'];
const readWrite = 'SELECT INSERT UPDATE DELETE';

/** The table of docs/architecture.md. A column in brackets: that column alone. */
const granted: Record<string, Partial<Record<ServiceRole, string>>> = {
  organizations: { config_api: readWrite, event_ingest: 'SELECT', dispatcher: 'SELECT' },
  api_keys: { config_api: readWrite, event_ingest: 'SELECT UPDATE(last_used_at)' },
  webhooks: {
    config_api: readWrite,
    event_ingest: 'SELECT',
    dispatcher: 'SELECT UPDATE(state,disabled_reason,version,updated_at)',
  },
  topics: { config_api: readWrite, event_ingest: 'SELECT', dispatcher: 'SELECT' },
  signing_secrets: { signer: readWrite },
  webhook_credentials: { signer: readWrite },
  event_ids: { config_api: 'SELECT', event_ingest: 'SELECT INSERT UPDATE' },
  events: { config_api: 'SELECT', event_ingest: 'SELECT INSERT', dispatcher: 'SELECT' },
  rejected_events: { config_api: 'SELECT', event_ingest: 'SELECT INSERT' },
  deliveries: { config_api: 'SELECT', event_ingest: 'SELECT INSERT', dispatcher: 'SELECT UPDATE' },
  attempts: { config_api: 'SELECT', dispatcher: 'SELECT INSERT' },
  replays: {
    config_api: 'SELECT INSERT DELETE UPDATE(cancelled_at)',
    dispatcher: 'SELECT UPDATE(released_until,finished_at,succeeded,failed)',
  },
  replay_deliveries: { config_api: 'SELECT INSERT DELETE', dispatcher: 'SELECT UPDATE DELETE' },
  resends: { config_api: 'SELECT', dispatcher: readWrite },
  operational_events: { dispatcher: readWrite },
  message_turns: { dispatcher: 'SELECT INSERT UPDATE' },
  webhook_health: { config_api: 'SELECT', dispatcher: readWrite },
  webhook_minutes: { config_api: 'SELECT', dispatcher: readWrite },
  portal_links: { config_api: readWrite },
  sessions: { config_api: readWrite },
  audit_log: { config_api: 'SELECT INSERT' },
  schema_migrations: {},
};

function statement(privilege: Privilege, table: string, column: string): string {
  switch (privilege) {
    case 'SELECT':
      return `SELECT ${column} FROM ${table} LIMIT 0`;
    case 'INSERT':
      return `INSERT INTO ${table} DEFAULT VALUES`;
    case 'UPDATE':
      return `UPDATE ${table} SET ${column} = NULL WHERE false`;
    case 'DELETE':
      return `DELETE FROM ${table} WHERE false`;
    case 'TRUNCATE':
      return `TRUNCATE ${table}`;
  }
}

/** Tries every role on the database that `start` makes. */
export function tryRoles(start: () => Promise<Tried>): void {
  let database: Tried;
  const clients = {} as Record<ServiceRole, Client>;
  let columns: Record<string, string[]>;

  beforeAll(async () => {
    database = await start();
    for (const role of serviceRoles) {
      // Grants alone are meant here; what row-level security adds is tried in row-security.test.ts.
      const options = '-c postrider.organization=*';
      clients[role] = new Client({ connectionString: database.urlFor(role), options });
      await clients[role].connect();
    }
    const rows = await database.query<{ table_name: string; columns: string }>(
      `SELECT c.relname AS table_name, string_agg(a.attname, ',' ORDER BY a.attnum) AS columns
     FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
     WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
     GROUP BY 1`,
    );
    columns = Object.fromEntries(rows.map((row) => [row.table_name, row.columns.split(',')]));
  });
  afterAll(async () => {
    await Promise.all(Object.values(clients).map((client) => client.end()));
    await database.stop();
  });

  /** Whether the statement is refused for want of rights; whatever it did is undone. */
  async function isRefused(role: ServiceRole, sql: string): Promise<boolean> {
    const client = clients[role];
    await client.query('BEGIN');
    const code = await client.query(sql).then(
      () => null,
      (error: { code: string }) => error.code,
    );
    await client.query('ROLLBACK');
    return code === '42501';
  }

  test('every table is in the list', () => {
    expect(Object.keys(columns).sort()).toEqual(Object.keys(granted).sort());
  });

  describe.each(serviceRoles)('%s', (role) => {
    test.each(Object.keys(granted))('on %s', async (table) => {
      const rights = granted[table]?.[role] ?? '';
      const found: string[] = [];
      const wanted: string[] = [];
      for (const privilege of all) {
        const perColumn = new RegExp(`${privilege}\\(([a-z_,]+)\\)`).exec(rights)?.[1]?.split(',');
        const whole = perColumn === undefined && rights.split(' ').includes(privilege);
        const tried = ['SELECT', 'UPDATE'].includes(privilege) ? (columns[table] ?? []) : ['*'];
        for (const column of tried) {
          const name = `${privilege} ${column}`;
          if (whole || perColumn?.includes(column)) wanted.push(name);
          if (!(await isRefused(role, statement(privilege, table, column)))) found.push(name);
        }
      }
      expect(found).toEqual(wanted);
    });

    test('on partitions, which are reached through their parent alone', async () => {
      const partitions = await database.query<{ name: string }>(
        `SELECT inhrelid::regclass::text AS name FROM pg_inherits WHERE inhparent IN
         ('events'::regclass, 'deliveries'::regclass, 'attempts'::regclass)`,
      );
      expect(partitions.length).toBeGreaterThan(20);
      for (const { name } of partitions) {
        expect(await isRefused(role, `SELECT 1 FROM ${name} LIMIT 0`)).toBe(true);
        expect(await isRefused(role, `DELETE FROM ${name} WHERE false`)).toBe(true);
      }
    });

    test.each([
      ['SELECT ensure_partitions(0, 0)', ['config_api', 'event_ingest', 'dispatcher']],
      ['SELECT drop_expired_partitions(3650)', ['config_api']],
      ['SELECT delete_expired_rows(3650)', ['config_api']],
      [`SELECT purge_organization('0192f0c1-7a3b-7c4d-8e5f-000000000001')`, []],
      [`SELECT nextval('config_version')`, ['config_api', 'dispatcher']],
      [`SELECT setval('config_version', 1)`, []],
      ['SELECT now_ms()', [...serviceRoles]],
    ])('%s', async (sql, roles) => {
      expect(await isRefused(role, sql)).toBe(!roles.includes(role));
    });

    test.each([
      'CREATE TABLE mine (id integer)',
      'CREATE FUNCTION mine() RETURNS integer LANGUAGE sql AS $$ SELECT 1 $$',
      'CREATE SCHEMA mine',
      'ALTER TABLE webhooks ADD COLUMN mine integer',
      'DROP TABLE webhooks',
      'ALTER TABLE signing_secrets DISABLE TRIGGER ALL',
      'CREATE ROLE mine',
      `SET ROLE postgres`,
      `COPY webhooks TO PROGRAM 'true'`,
      `SELECT pg_read_file('postgresql.conf')`,
      'SELECT rolpassword FROM pg_authid',
    ])('may not: %s', async (sql) => {
      expect(await isRefused(role, sql)).toBe(true);
    });
  });

  test('config-api can read neither secrets nor credentials, whichever way it asks', async () => {
    for (const table of ['signing_secrets', 'webhook_credentials']) {
      for (const sql of [
        `SELECT sealed FROM ${table}`,
        `SELECT count(*) FROM ${table}`,
        `TABLE ${table}`,
        `COPY ${table} TO STDOUT`,
        `EXPLAIN ANALYZE SELECT * FROM ${table}`,
        `CREATE TEMP TABLE copy AS SELECT * FROM ${table}`,
        `DELETE FROM ${table} RETURNING *`,
      ]) {
        expect(await isRefused('config_api', sql)).toBe(true);
      }
    }
  });
}
