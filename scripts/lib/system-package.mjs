// Programs that no npm package carries: whether they are there, and how apt brings them.
import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { stateDir } from './paths.mjs';
import { runLogged } from './process.mjs';
import { say } from './say.mjs';

/** Programs that are fetched without being installed. */
export const ownFolder = join(stateDir, 'bin');

/** The PATH, and folders that hold it on systems where an ordinary user's PATH leaves them out. */
export function findInstalled(name) {
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

export const has = (command) => findInstalled(command) !== undefined;
export const works = (command, args) =>
  spawnSync(command, args, { stdio: 'ignore', timeout: 20_000 }).status === 0;

/** Installs a package as root, or through sudo where that asks for no password; does nothing where neither goes. */
export async function installWithApt(name, logFile) {
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
    return isRoot
      ? runLogged(title, whole[0], whole.slice(1), { logFile })
      : runLogged(title, 'sudo', ['-n', ...whole], { logFile });
  };
  say(`Installing ${name} with apt-get …`);
  if (!works('apt-cache', ['show', name])) await apt('apt-get update', ['update']);
  const install = ['install', '-y', '--no-install-recommends', name];
  await apt(`apt-get install ${name}`, install).catch(async () => {
    // The lists may be older than the archive.
    await apt('apt-get update', ['update']);
    await apt(`apt-get install ${name}`, install);
  });
}
