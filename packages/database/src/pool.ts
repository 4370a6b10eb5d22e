// Connections to PostgreSQL, the same way everywhere.
import { Pool, types, type PoolConfig } from 'pg';
import { OrganizationPool } from './organization-scope.js';

const int8Oid = 20;
// Times and counters are bigint columns below 2^53.
types.setTypeParser(int8Oid, Number);

export interface DatabasePoolOptions {
  readonly databaseUrl: string;
  /** Shown in pg_stat_activity, so that an operator sees whose connection it is. */
  readonly applicationName: string;
  /** Connections at most. */
  readonly max: number;
  /** A statement that runs longer is cancelled; default 30 s. */
  readonly statementTimeoutMs?: number;
  /**
   * A connection that has not answered a statement for so long is given up: a host that died or a network that broke
   * says nothing, and TCP takes a quarter of an hour to notice. Longer than statementTimeoutMs; default: never.
   */
  readonly answerTimeoutMs?: number;
  /** Whether each connection is told whose rows it may see: for a service that answers organizations. */
  readonly byOrganization?: boolean;
  /** Connections that see the rows of all organizations: for lookups that find out whose something is. */
  readonly everyOrganization?: boolean;
}

/** A pool that reconnects by itself; `onError` is told of connections that broke while idle. */
export function createPool(options: DatabasePoolOptions, onError: (error: Error) => void): Pool {
  const config: PoolConfig = {
    connectionString: options.databaseUrl,
    application_name: options.applicationName,
    max: options.max,
    connectionTimeoutMillis: 5_000,
    idleTimeoutMillis: 60_000,
    keepAlive: true,
    ...(options.everyOrganization === true ? { options: '-c postrider.organization=*' } : {}),
    statement_timeout: options.statementTimeoutMs ?? 30_000,
    ...(options.answerTimeoutMs === undefined ? {} : { query_timeout: options.answerTimeoutMs }),
  };
  const pool = options.byOrganization === true ? new OrganizationPool(config) : new Pool(config);
  pool.on('error', onError);
  return pool;
}

/** SQLSTATE classes that mean "the database is away or overloaded", as opposed to "this statement is wrong". */
const awayStates = /^(08|53|57|58|40|25006)/;

/** Whether an error says that PostgreSQL is away for the moment: the caller answers 503 or tries again. */
export function isDatabaseAway(error: unknown): boolean {
  // No instanceof: where code runs in a realm of its own, as under Jest, Node's own errors are of another.
  if (typeof error !== 'object' || error === null) return false;
  const { code, message } = error as { readonly code?: unknown; readonly message?: unknown };
  if (typeof code === 'string') {
    if (awayStates.test(code)) return true;
    if (
      ['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ENOTFOUND', 'EAI_AGAIN', 'ENOENT'].includes(code)
    )
      return true;
  }
  return /Connection terminated|Query read timeout|timeout exceeded when trying to connect|Client has encountered a connection error|not queryable/i.test(
    String(message),
  );
}
