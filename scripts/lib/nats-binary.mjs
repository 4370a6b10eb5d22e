// Where nats-server comes from: no npm package carries it.
import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { logsDir } from './paths.mjs';
import { runLogged } from './process.mjs';
import { UserError, say } from './say.mjs';
import { findInstalled, has, installWithApt, ownFolder, works } from './system-package.mjs';

const dockerImage = 'nats:2.12';
const logFile = join(logsDir, 'install-nats.log');

const run = (title, command, args, options = {}) => runLogged(title, command, args, { logFile, ...options });

const withApt = () => installWithApt('nats-server', logFile);

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
    const found = findInstalled('nats-server');
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
