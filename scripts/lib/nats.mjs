// A private nats-server: JetStream on, one user per service with just its subjects.
import { execFile, spawn } from 'node:child_process';
import { closeSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { root } from './paths.mjs';
import { endProcess, identify, openLog, tailOf, until } from './process.mjs';
import { UserError } from './say.mjs';

const quoted = (text) => JSON.stringify(text);
const subjects = (list) => `{ allow: [${list.map(quoted).join(', ')}] }`;

const clusterOf = (host, { port, ports }) =>
  `cluster { name: postrider, listen: ${quoted(`${host}:${port}`)}, routes: [${ports.map((other) => quoted(`nats://${host}:${other}`)).join(', ')}] }`;

/**
 * The server's configuration file.
 * @param cluster the port for the other servers of its cluster, and those of all of them
 * @param storeBytes what its streams may take of the disk; as much as there is unless told
 * @param permissions per user the subjects it may publish and subscribe to; without it the server is open to everyone
 */
export function renderNatsConfig({
  port,
  storeDir,
  pidFile,
  permissions,
  passwords,
  host = '127.0.0.1',
  serverName = 'postrider',
  storeBytes,
  cluster,
}) {
  const users = Object.entries(permissions ?? {}).map(
    ([user, { publish, subscribe }]) =>
      `    { user: ${quoted(user)}, password: ${quoted(passwords[user])},` +
      ` permissions: { publish: ${subjects(publish)}, subscribe: ${subjects(subscribe)} } }`,
  );
  return [
    `server_name: ${quoted(serverName)}`,
    `host: ${quoted(host)}`,
    `port: ${port}`,
    `pid_file: ${quoted(pidFile)}`,
    'max_payload: 8MB',
    `jetstream { store_dir: ${quoted(storeDir)}${storeBytes ? `, max_file: ${storeBytes}` : ''} }`,
    ...(cluster ? [clusterOf(host, cluster)] : []),
    ...(users.length > 0 ? ['authorization {', '  users: [', ...users, '  ]', '}'] : []),
    '',
  ].join('\n');
}

/** The subjects of each user, from the built package that declares them; asked for in a process of its own. */
export async function loadNatsPermissions() {
  const door = pathToFileURL(join(root, 'packages', 'messaging', 'dist', 'index.js')).href;
  const program = `import { natsPermissions } from ${quoted(door)}; process.stdout.write(JSON.stringify(natsPermissions));`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', program], {
    cwd: root,
  });
  return JSON.parse(stdout);
}

export const natsUrl = (port, user, password) =>
  `nats://${user ? `${user}:${password}@` : ''}127.0.0.1:${port}`;

/** A server that greets is a server that is ready: it listens only after JetStream has recovered. */
function greets(port) {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    const done = (value) => {
      socket.destroy();
      resolve(value);
    };
    socket.setTimeout(1_000, () => done(false));
    socket.once('data', (data) => done(data.toString().startsWith('INFO ')));
    socket.once('error', () => done(false));
    socket.once('close', () => done(false));
  });
}

/**
 * What a server is started from, below one folder: its configuration, its store, its pid file.
 * @param render makes the text of its configuration
 */
export function prepareNats({ home, port, logFile, program, render = renderNatsConfig, ...rest }) {
  const server = {
    program,
    port,
    logFile,
    configFile: join(home, 'nats.conf'),
    pidFile: join(home, 'nats.pid'),
    storeDir: join(home, 'nats'),
  };
  mkdirSync(server.storeDir, { recursive: true });
  writeFileSync(server.configFile, render({ ...server, ...rest }), { mode: 0o600 });
  return server;
}

/** Ends a server that an earlier run left behind with the same configuration file. */
export async function endLeftoverNats({ home }) {
  const pidFile = join(home, 'nats.pid');
  let pid;
  try {
    pid = Number(readFileSync(pidFile, 'utf8'));
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
  const isOurs = identify(pid)?.command.includes(join(home, 'nats.conf'));
  if (isOurs) await stopNats(pid, { graceMs: 5_000 });
  rmSync(pidFile, { force: true });
  return isOurs ? pid : undefined;
}

/** Starts the server in a process group of its own. `ready` resolves when it takes connections. */
export function startNats({ program, port, configFile, logFile }) {
  const log = openLog(logFile, { rotate: false });
  const child = spawn(program, ['-c', configFile], { detached: true, stdio: ['ignore', log, log] });
  closeSync(log);
  const failed = new Promise((_, reject) => {
    child.once('error', reject);
    child.once('exit', (code, by) =>
      reject(new UserError(`nats-server ended (${code ?? by}).\n${tailOf(logFile)}\nAll of it: ${logFile}`)),
    );
  });
  failed.catch(() => {});
  const ready = Promise.race([
    failed,
    until(() => greets(port), 30_000).then((done) => {
      if (!done) throw new UserError(`nats-server took no connections within 30 s.\n${tailOf(logFile)}`);
    }),
  ]);
  return { child, ready };
}

export async function stopNats(pid, { graceMs = 2_000 } = {}) {
  await endProcess(pid, { ask: 'SIGTERM', graceMs });
}
