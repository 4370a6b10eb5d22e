import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import {
  endProcess,
  ensureNatsServer,
  freePort,
  isAlive,
  loadNatsPermissions,
  natsUrl,
  prepareNats,
  startNats as startServer,
  stopNats,
  type NatsPermissionsByUser,
} from '../../../scripts/lib/for-tests.mjs';
import { makeComposeSecrets, natsConfigurationHere } from './compose.js';
import { keep, temporaryFolder } from './keeper.js';

export type NatsUserName = 'config_api' | 'event_ingest' | 'dispatcher' | 'signer' | 'publisher';

export interface TestNats {
  /** May do everything. */
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  /** With `users`: the URL of a user with its own password and subjects. Without: `url`. */
  urlFor(user: NatsUserName | (string & {})): string;
  /** An orderly end; the store stays for `restart`. */
  stop(): Promise<void>;
  /** kill -9. */
  kill(): Promise<void>;
  /** Starts it again on the same port, after a stop where it still runs. */
  restart(): Promise<void>;
  /** Deletes all streams and buckets as a lost disk would; ends the server first (kill -9) where it still runs. */
  wipeStore(): Promise<void>;
}

export interface NatsOptions {
  /** The users and permissions of `npm start` and production; else the server is open to everyone. */
  readonly users?: boolean;
  /** The server of docker-compose.yml instead: deploy/nats.conf with passwords as made there. Nobody may do everything. */
  readonly compose?: boolean;
  /** More users, with their permissions by name; `urlFor` knows them too. */
  readonly moreUsers?: NatsPermissionsByUser;
  /** What its streams may take of the disk; as much as there is unless told. */
  readonly storeBytes?: number;
  /** One of several servers (startNatsCluster): its name, its port for the others, and those of all. */
  readonly cluster?: { readonly name: string; readonly port: number; readonly ports: readonly number[] };
  /** An existing folder for its store, for a test that has made one on a disk of its own. */
  readonly home?: string;
}

const passwordOf = (user: string): string => `test-${user}`;

async function withTestUser(): Promise<NatsPermissionsByUser> {
  return { ...(await loadNatsPermissions()), test: { publish: ['>'], subscribe: ['>'] } };
}

const versionOf = (program: string): string =>
  /v(\d+\.\d+)/.exec(execFileSync(program, ['--version'], { encoding: 'utf8' }))?.[1] ?? '';

/** A nats-server of the test's own, with JetStream, on a free port. */
export async function startNats(options: NatsOptions = {}): Promise<TestNats> {
  const {
    users = false,
    compose = false,
    moreUsers = {},
    storeBytes,
    cluster,
    home = temporaryFolder('nats'),
  } = options;
  const program = process.env['TEST_NATS_SERVER'] ?? (await ensureNatsServer());
  const permissions = users ? { ...(await withTestUser()), ...moreUsers } : {};
  const passwords = Object.fromEntries(Object.keys(permissions).map((user) => [user, passwordOf(user)]));
  const port = await freePort();
  const secrets = compose ? makeComposeSecrets() : undefined;
  const server = prepareNats({
    home,
    port,
    permissions,
    passwords,
    program,
    storeBytes,
    cluster,
    serverName: cluster?.name,
    logFile: join(home, 'nats.log'),
    ...(secrets && {
      render: (here) =>
        natsConfigurationHere(secrets.natsConfiguration, { ...here, version: versionOf(program) }),
    }),
  });
  let pid = 0;
  const start = async (): Promise<void> => {
    const started = startServer(server);
    keep(started.child);
    await started.ready;
    pid = started.child.pid ?? 0;
  };
  const kill = (): Promise<void> => endProcess(pid, { ask: 'SIGKILL', graceMs: 5_000 });
  const urlFor = (user: string): string => {
    if (secrets) return natsUrl(port, user, secrets.natsPasswordOf(user));
    return users ? natsUrl(port, user, passwordOf(user)) : natsUrl(port);
  };
  await start();
  return {
    url: urlFor('test'),
    port,
    get pid() {
      return pid;
    },
    urlFor,
    stop: () => stopNats(pid, { graceMs: 5_000 }),
    kill,
    restart: async () => {
      if (isAlive(pid)) await stopNats(pid, { graceMs: 5_000 });
      await start();
    },
    wipeStore: async () => {
      if (isAlive(pid)) await kill();
      rmSync(server.storeDir, { recursive: true, force: true });
    },
  };
}
