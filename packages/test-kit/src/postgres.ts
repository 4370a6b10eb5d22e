import { join } from 'node:path';
import {
  freePort,
  isAlive,
  preparePostgres,
  startPostgres as startServer,
  stopPostgres,
  testPostgresOf,
} from '../../../scripts/lib/for-tests.mjs';
import { keep, temporaryFolder } from './keeper.js';

/** Jest's workers are processes of their own; the database belongs to the run, which is their parent. */
const runPid = process.argv[1]?.includes('processChild') ? process.ppid : process.pid;

/** The administrator's URL of the run's PostgreSQL: TEST_DATABASE_URL, else an embedded one that ends with the run. */
export async function testDatabaseUrl(): Promise<string> {
  const given = process.env['TEST_DATABASE_URL'];
  return given !== undefined && given !== '' ? given : (await testPostgresOf(runPid)).url;
}

export interface TestPostgres {
  /** The administrator's. */
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  readonly isAlive: boolean;
  /** Fast shutdown; the data stays for `restart`. */
  stop(): Promise<void>;
  /** kill -9 of the server. */
  kill(): Promise<void>;
  /** Starts it again on the same port, after a stop where it still runs. */
  restart(): Promise<void>;
}

export interface PostgresOptions {
  /** Default `true`: commits wait for the disk, so that a kill -9 proves something. */
  readonly fsync?: boolean;
  readonly settings?: Readonly<Record<string, string | number>>;
  /** Default `test`. */
  readonly password?: string;
  /** Default `postrider_test`. */
  readonly database?: string;
  /** An existing folder for its data, for a test that has made one on a disk of its own. */
  readonly home?: string;
}

/** A PostgreSQL server of the test's own, for tests that stop it, kill it or wear it out. */
export async function startPostgres(options: PostgresOptions = {}): Promise<TestPostgres> {
  const home = options.home ?? temporaryFolder('postgres');
  const cluster = preparePostgres({
    home,
    password: options.password ?? 'test',
    database: options.database ?? 'postrider_test',
    logFile: join(home, 'postgres.log'),
    settings: { fsync: options.fsync === false ? 'off' : 'on', max_connections: 200, ...options.settings },
  });
  const port = await freePort();
  let pid = 0;
  const start = async (): Promise<void> => {
    const child = await startServer(cluster, port);
    keep(child);
    pid = child.pid ?? 0;
  };
  await start();
  return {
    url: cluster.urlOn(port),
    port,
    get pid() {
      return pid;
    },
    get isAlive() {
      return isAlive(pid);
    },
    stop: () => stopPostgres(pid),
    kill: async () => {
      process.kill(pid, 'SIGKILL');
      await stopPostgres(pid, { graceMs: 5_000 });
    },
    restart: async () => {
      if (isAlive(pid)) await stopPostgres(pid);
      await start();
    },
  };
}
