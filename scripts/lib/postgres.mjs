// An embedded PostgreSQL: its data made once, its server started, found again after a crash, and stopped.
import { spawn, spawnSync } from 'node:child_process';
import {
  chownSync,
  closeSync,
  existsSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { delay, endProcess, identify, isAlive, openLog, tailOf, until } from './process.mjs';
import { makeDataFolder, settlePostgres } from './postgres-binaries.mjs';
import { UserError } from './say.mjs';

const superuser = 'postgres';
const lingeringSessionsMs = 10_000;
const uncollectedMs = 2_000;

/** Only what PostgreSQL needs: PGPORT and the like of the person's shell would lead it astray. */
function serverEnvironment() {
  const { PATH, TZ, TMPDIR } = process.env;
  return { PATH, LC_ALL: 'C', ...(TZ && { TZ }), ...(TMPDIR && { TMPDIR }) };
}

function initialise(cluster, password, database) {
  const { account, native, dataDir } = cluster;
  const draft = `${dataDir}.new`;
  const passwordFile = `${dataDir}.password`;
  const options = { ...account, cwd: '/', env: serverEnvironment(), encoding: 'utf8' };
  makeDataFolder(draft, account);
  try {
    writeFileSync(passwordFile, `${password}\n`, { mode: 0o600 });
    if (account.uid !== undefined) chownSync(passwordFile, account.uid, account.gid);
    // The built-in provider sorts and folds the same way on every machine, whatever locales it has.
    const locale = [
      '--encoding=UTF8',
      '--no-locale',
      '--locale-provider=builtin',
      '--builtin-locale=C.UTF-8',
    ];
    const speed = cluster.settings.fsync === 'off' ? ['--no-sync'] : [];
    const access = [`--username=${superuser}`, '--auth=scram-sha-256', `--pwfile=${passwordFile}`];
    must(
      spawnSync(
        join(native, 'bin', 'initdb'),
        [`--pgdata=${draft}`, ...locale, ...access, ...speed],
        options,
      ),
      'initdb',
    );
    const alone = ['--single', '-D', draft, 'postgres'];
    must(
      spawnSync(join(native, 'bin', 'postgres'), alone, {
        ...options,
        input: `CREATE DATABASE ${database}\n`,
      }),
      'creating the database',
    );
    renameSync(draft, dataDir);
  } finally {
    rmSync(passwordFile, { force: true });
  }
}

function must(result, what) {
  if (result.status === 0) return;
  const output = `${result.stdout ?? ''}${result.stderr ?? ''}`.trim().split('\n').slice(-15).join('\n');
  throw new UserError(
    `The embedded PostgreSQL could not be made (${what}: ${result.status ?? result.signal ?? result.error?.message}).\n${output}`,
  );
}

/**
 * Makes the data on first use; afterwards only says where it is. The same password and database are meant every time.
 * @returns the cluster that `startPostgres` takes
 */
export function preparePostgres({
  home,
  folder = 'postgres',
  outsideFolder,
  password,
  database,
  logFile,
  settings = {},
}) {
  const cluster = { ...settlePostgres({ home, folder, outsideFolder }), logFile, settings };
  const versionFile = join(cluster.dataDir, 'PG_VERSION');
  const isNew = !existsSync(versionFile);
  if (isNew) initialise(cluster, password, database);
  const major = /postgres \(PostgreSQL\) (\d+)/.exec(
    spawnSync(join(cluster.native, 'bin', 'postgres'), ['--version'], {
      ...cluster.account,
      cwd: '/',
      env: serverEnvironment(),
      encoding: 'utf8',
    }).stdout ?? '',
  )?.[1];
  const dataMajor = readFileSync(versionFile, 'utf8').trim();
  if (major !== dataMajor)
    throw new UserError(
      `The data in ${cluster.dataDir} is of PostgreSQL ${dataMajor}, the programs are of ${major}. Start the version that made it, or move the data away.`,
    );
  const urlOn = (port) => `postgres://${superuser}:${password}@127.0.0.1:${port}/${database}`;
  return { ...cluster, isNew, major, urlOn };
}

/** The first line of postmaster.pid is the server's process, the eighth its state ("ready"). */
function readPidFile(dataDir) {
  try {
    const lines = readFileSync(join(dataDir, 'postmaster.pid'), 'utf8').split('\n');
    return { pid: Number(lines[0]), state: lines[7]?.trim() };
  } catch (error) {
    if (error.code === 'ENOENT') return null;
    throw error;
  }
}

/** Whether PostgreSQL would take the number for a process: zombies have one too. */
function hasNumber(pid) {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error.code === 'EPERM';
  }
}

/** Whether a process is the server of this data: the number in a pid file may have been given to somebody else since. */
function servesData(pid, dataDir) {
  const who = identify(pid);
  if (!who) return false;
  if (process.platform !== 'linux') return who.command.includes(dataDir);
  try {
    return readlinkSync(`/proc/${pid}/cwd`) === realpathSync(dataDir);
  } catch {
    return who.command.includes(dataDir);
  }
}

/**
 * Ends a server that an earlier run left behind, so that this run's is its own child. The file of a dead server stays:
 * by it PostgreSQL sees whether sessions of that server still linger. It goes where its number would keep PostgreSQL
 * from starting for ever: given to another process, or to a zombie that nobody collects (containers without an init).
 */
export async function endLeftoverPostgres({ dataDir }) {
  const left = readPidFile(dataDir);
  if (!left || !hasNumber(left.pid)) return undefined;
  if (servesData(left.pid, dataDir)) {
    await endProcess(left.pid, { ask: 'SIGINT', graceMs: 10_000, insist: 'SIGQUIT' });
    return left.pid;
  }
  if (!isAlive(left.pid) && (await until(() => !hasNumber(left.pid), uncollectedMs))) return undefined;
  rmSync(join(dataDir, 'postmaster.pid'), { force: true });
  return undefined;
}

/**
 * Starts the server on 127.0.0.1:`port`, in a process group of its own so that a Ctrl-C in the terminal does not stop
 * it before the services; resolves with the process when it takes connections. After a kill -9 the server before and its
 * sessions take a moment to be gone for good, so that a refusal because of them is tried again.
 */
export async function startPostgres(cluster, port) {
  const deadline = performance.now() + lingeringSessionsMs;
  for (;;) {
    const { child, ready } = launchPostgres(cluster, port);
    try {
      await ready;
      return child;
    } catch (error) {
      const isLingering = /shared memory block|postmaster\.pid" already exists/.test(
        tailOf(cluster.logFile, 3),
      );
      if (!isLingering || performance.now() > deadline) throw error;
      await delay(200);
    }
  }
}

function launchPostgres(cluster, port) {
  const { account, native, dataDir, logFile } = cluster;
  const settings = {
    listen_addresses: '127.0.0.1',
    port,
    unix_socket_directories: '',
    jit: 'off',
    shared_buffers: '256MB',
    max_connections: 200,
    ...cluster.settings,
  };
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const log = openLog(logFile, { rotate: false });
  const options = {
    ...account,
    cwd: '/',
    detached: true,
    env: serverEnvironment(),
    stdio: ['ignore', log, log],
  };
  const child = spawn(join(native, 'bin', 'postgres'), ['-D', dataDir, ...flags], options);
  closeSync(log);
  const failed = new Promise((_, reject) => {
    child.once('error', reject);
    child.once('exit', (code, by) =>
      reject(new UserError(`PostgreSQL ended (${code ?? by}).\n${tailOf(logFile)}\nAll of it: ${logFile}`)),
    );
  });
  failed.catch(() => {});
  const isReady = () => {
    const file = readPidFile(dataDir);
    return file?.pid === child.pid && file.state === 'ready';
  };
  const ready = until(isReady, 60_000).then((done) => {
    if (done) return;
    child.kill('SIGQUIT');
    throw new UserError(`PostgreSQL took no connections within 60 s.\n${tailOf(logFile)}`);
  });
  ready.catch(() => {});
  return { child, ready: Promise.race([failed, ready]) };
}

/** Fast shutdown: sessions are ended, what is committed is on disk. `hurry` skips the checkpoint (replayed next time). */
export async function stopPostgres(pid, { graceMs = 3_000, hurry = false } = {}) {
  if (isAlive(pid)) await endProcess(pid, { ask: hurry ? 'SIGQUIT' : 'SIGINT', graceMs, insist: 'SIGQUIT' });
}
