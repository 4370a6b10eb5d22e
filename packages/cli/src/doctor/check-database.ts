// The database as an administrator sees it: reachable, up to date, with room for tomorrow, and not behind.
import { migrations } from '@postrider/database/migrations';
import { Client } from 'pg';
import { ok, reasonOf, unsure, wrong, type Finding } from './check.js';

const part = 'database';
const timeoutMs = 5_000;
/** A due delivery is claimed within a second or two; what waits for so long waits for something else. */
const lateMs = 60_000;
const maxCounted = 10_000;
const maxClockOffsetMs = 2_000;

export async function checkDatabase(databaseUrl: string): Promise<Finding[]> {
  const { host, pathname } = new URL(databaseUrl);
  const where = `${host}${pathname}`;
  const client = new Client({
    connectionString: databaseUrl,
    application_name: 'postrider doctor',
    connectionTimeoutMillis: timeoutMs,
    statement_timeout: timeoutMs,
  });
  // A server that ends the connection meanwhile is told by the query that fails.
  client.on('error', () => undefined);
  try {
    await client.connect();
    return await examine(client, where);
  } catch (error) {
    const remedy =
      'See that PostgreSQL runs and that the address and the password are right; what is accepted is safe meanwhile.';
    return [wrong(part, `${where}: ${reasonOf(error)}`, remedy)];
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function examine(client: Client, where: string): Promise<Finding[]> {
  const server = await client.query<{ version: string; offset: string }>(
    `SELECT current_setting('server_version') AS version,
            (extract(epoch FROM clock_timestamp()) * 1000)::bigint - $1::bigint AS offset`,
    [Date.now()],
  );
  const { version, offset } = server.rows[0] ?? { version: '?', offset: '0' };
  const findings = [ok(part, `PostgreSQL ${version} at ${where}`)];
  if (Math.abs(Number(offset)) > maxClockOffsetMs) {
    findings.push(
      unsure(
        'clock',
        `this machine's clock is ${offset} ms behind the database's`,
        'Run a time service (chrony, systemd-timesyncd): receivers judge the time of a request.',
      ),
    );
  }
  const missing = await missingMigrations(client);
  if (missing.length > 0) {
    const remedy =
      'Migrate before the services start: node packages/database/dist/migrate.js (docker compose up migrate).';
    return [...findings, wrong('schema', `not migrated: ${missing.join(', ')}`, remedy)];
  }
  findings.push(ok('schema', `all ${migrations.length} migrations have run`));
  return [...findings, await judgePartitions(client), await judgeBacklog(client)];
}

async function missingMigrations(client: Client): Promise<string[]> {
  const names = migrations.map(({ name }) => name);
  const table = await client.query<{ is_there: boolean }>(
    `SELECT to_regclass('public.schema_migrations') IS NOT NULL AS is_there`,
  );
  if (table.rows[0]?.is_there !== true) return names;
  const ran = await client.query<{ name: string }>('SELECT name FROM schema_migrations');
  const known = new Set(ran.rows.map(({ name }) => name));
  return names.filter((name) => !known.has(name));
}

/** config-api makes the days ahead; without tomorrow's nothing is accepted after midnight (UTC). */
async function judgePartitions(client: Client): Promise<Finding> {
  const result = await client.query<{ name: string }>(
    `SELECT name FROM (
       SELECT parent || '_' || to_char(to_timestamp(now_ms() / 1000) AT TIME ZONE 'UTC' + day * interval '1 day', 'YYYYMMDD') AS name
       FROM unnest(ARRAY['events', 'deliveries', 'attempts']) AS parent, generate_series(0, 1) AS day
     ) AS wanted WHERE to_regclass('public.' || name) IS NULL`,
  );
  if (result.rows.length === 0) return ok('partitions', 'there for today and tomorrow');
  const names = result.rows.map(({ name }) => name).join(', ');
  return wrong(
    'partitions',
    `missing: ${names}`,
    'config-api makes them at its start and every hour: restart it and see its log. By hand: SELECT ensure_partitions(1, 7);',
  );
}

/** Index: deliveries_due; no more rows are looked at than are counted. */
async function judgeBacklog(client: Client): Promise<Finding> {
  const result = await client.query<{ late: number; oldest: string | null }>(
    `SELECT count(*)::int AS late, now_ms() - min(due_at) AS oldest FROM (
       SELECT due_at FROM deliveries WHERE status = 'Pending' AND due_at < now_ms() - $1 LIMIT $2
     ) AS waiting`,
    [lateMs, maxCounted],
  );
  const { late, oldest } = result.rows[0] ?? { late: 0, oldest: null };
  if (late === 0) return ok('backlog', 'no delivery waits longer than it should');
  const howMany =
    late === maxCounted
      ? `${maxCounted} or more deliveries`
      : late === 1
        ? '1 delivery'
        : `${late} deliveries`;
  const detail = `${howMany} due for more than a minute, one of them for ${Math.round(Number(oldest) / 1_000)} s`;
  return unsure(
    'backlog',
    detail,
    'A receiver that is slow or away is spared: see its webhook. If all webhooks wait: is a dispatcher running, and is the signer ready?',
  );
}
