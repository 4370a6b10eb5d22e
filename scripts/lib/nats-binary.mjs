// Where nats-server comes from: no npm package carries it.
import { spawnSync } from 'node:child_process';
import {
  accessSync,
  chmodSync,
  constants,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
} from 'node:fs';
import { delimiter, join } from 'node:path';
import { logsDir, stateDir } from './paths.mjs';
import { runLogged } from './process.mjs';
import { UserError, say } from './say.mjs';

const ownFolder = join(stateDir, 'bin');
const dockerImage = 'nats:2.12';

/** The PATH, and folders that hold it on systems where an ordinary user's PATH leaves them out. */
function findInstalled(name = 'nats-server') {
  const usual = ['/usr/sbin', '/usr/local/sbin', '/usr/local/bin', '/opt/homebrew/bin', ownFolder];
  for (const folder of [...(process.env.PATH ?? '').split(delimiter), ...usual]) {
    const file = join(folder, name);
    try {
      if (folder) accessSync(file, constants.X_OK);
      if (folder) return file;
    } catch {
      // not in this folder
    }
  }
  return undefined;
}

const has = (command) => findInstalled(command) !== undefined;
const works = (command, args) => spawnSync(command, args, { stdio: 'ignore', timeout: 20_000 }).status === 0;
const run = (title, command, args, options = {}) =>
  runLogged(title, command, args, { logFile: join(logsDir, 'install-nats.log'), ...options });

/** apt as root, or through sudo where that asks for no password. */
async function withApt() {
  const isRoot = process.getuid() === 0;
  if (!has('apt-get') || !(isRoot || (has('sudo') && works('sudo', ['-n', 'true'])))) return;
  const apt = (title, args) => {
    const whole = [
      'env',
      'DEBIAN_FRONTEND=noninteractive',
      'apt-get',
      '-q',
      '-o',
      'DPkg::Lock::Timeout=120',
      ...args,
    ];
    return isRoot ? run(title, whole[0], whole.slice(1)) : run(title, 'sudo', ['-n', ...whole]);
  };
  say('Installing nats-server with apt-get …');
  if (!works('apt-cache', ['show', 'nats-server'])) await apt('apt-get update', ['update']);
  const install = ['install', '-y', '--no-install-recommends', 'nats-server'];
  await apt('apt-get install nats-server', install).catch(async () => {
    // The lists may be older than the archive.
    await apt('apt-get update', ['update']);
    await apt('apt-get install nats-server', install);
  });
}

/** Debian's package unpacked into .postrider/bin: needs no rights, only apt's lists. */
async function withUnpackedPackage() {
  if (!has('apt-get') || !has('dpkg-deb') || !works('apt-cache', ['show', 'nats-server'])) return;
  say('Fetching the nats-server package into .postrider/bin …');
  mkdirSync(ownFolder, { recursive: true });
  const folder = mkdtempSync(join(ownFolder, 'unpack-'));
  try {
    await run('apt-get download nats-server', 'apt-get', ['-q', 'download', 'nats-server'], { cwd: folder });
    const archive = readdirSync(folder).find((name) => name.endsWith('.deb'));
    await run('dpkg-deb', 'dpkg-deb', ['-x', archive, folder], { cwd: folder });
    const binary = ['usr/sbin', 'usr/bin'].map((path) => join(folder, path, 'nats-server')).find(existsSync);
    copyFileSync(binary, join(ownFolder, 'nats-server'));
    chmodSync(join(ownFolder, 'nats-server'), 0o755);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function withHomebrew() {
  if (!has('brew') || process.getuid() === 0) return;
  say('Installing nats-server with Homebrew …');
  await run('brew install nats-server', 'brew', ['install', '--quiet', 'nats-server']);
}

/** On Linux the image's program runs as it is, so Docker is needed just to fetch it. */
async function withDocker() {
  if (process.platform !== 'linux' || !has('docker') || !works('docker', ['info'])) return;
  say(`Fetching nats-server out of the Docker image ${dockerImage} …`);
  mkdirSync(ownFolder, { recursive: true });
  const name = `postrider-nats-copy-${process.pid}`;
  await run(`docker create ${dockerImage}`, 'docker', ['create', '--name', name, dockerImage]);
  try {
    await run('docker cp', 'docker', ['cp', `${name}:/nats-server`, join(ownFolder, 'nats-server')]);
    chmodSync(join(ownFolder, 'nats-server'), 0o755);
  } finally {
    spawnSync('docker', ['rm', name], { stdio: 'ignore' });
  }
}

/** The nats-server program of this machine, installed by the first way that works. */
export async function ensureNatsServer() {
  const failures = [];
  for (const way of [async () => {}, withApt, withUnpackedPackage, withHomebrew, withDocker]) {
    try {
      await way();
    } catch (error) {
      failures.push(error.message.split('\n')[0]);
    }
    const found = findInstalled();
    if (found && works(found, ['--version'])) return found;
  }
  throw new UserError(
    [
      'nats-server was not found and could not be installed. One of these helps:',
      '  - Debian, Ubuntu:  sudo apt-get install nats-server',
      '  - macOS:           brew install nats-server',
      '  - elsewhere:       put the program from https://github.com/nats-io/nats-server/releases on the PATH',
      '  - a server you run: NATS_URL=nats://user:password@host:4222 npm start',
      '    (for instance: docker run -p 127.0.0.1:4222:4222 nats:2.12 -js)',
      ...failures.map((failure) => `  tried: ${failure}`),
    ].join('\n'),
  );
}
