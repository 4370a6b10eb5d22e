// The packages: installed when they are missing or not the ones that package-lock.json names.
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { logsDir, root } from './paths.mjs';
import { headOf, runLogged } from './process.mjs';
import { UserError, say } from './say.mjs';

const oldestNode = [20, 19, 0];

export function checkNodeVersion() {
  if (process.platform === 'win32') {
    throw new UserError('Postrider runs on Linux and macOS; on Windows start it inside WSL.');
  }
  const version = process.versions.node.split('.').map(Number);
  const differs = oldestNode.findIndex((part, index) => part !== version[index]);
  if (differs >= 0 && version[differs] < oldestNode[differs]) {
    throw new UserError(
      `Postrider needs Node.js ${oldestNode.join('.')} or newer; this is ${process.versions.node} (${process.execPath}).`,
    );
  }
}

/** Why an installation is needed, or null: npm writes what it installed into node_modules/.package-lock.json, last of all. */
function whyInstall() {
  const packagesOf = (file) => JSON.parse(readFileSync(join(root, file), 'utf8')).packages;
  const installedList = 'node_modules/.package-lock.json';
  if (!existsSync(join(root, installedList))) return 'not there yet';
  const installed = packagesOf(installedList);
  for (const [path, wanted] of Object.entries(packagesOf('package-lock.json'))) {
    const found = installed[path];
    const isMissing = !found && path !== '' && !wanted.optional;
    if (isMissing || (found && (found.version !== wanted.version || found.integrity !== wanted.integrity))) {
      return `${path.replace(/^.*node_modules\//, '')} is not as package-lock.json has it`;
    }
  }
  return null;
}

function countPackages() {
  try {
    return `${readdirSync(join(root, 'node_modules')).length} packages so far`;
  } catch {
    return 'no packages so far';
  }
}

/** Runs `npm ci` where it is needed; returns whether it did. Build tools are wanted also under NODE_ENV=production. */
export async function installPackages() {
  const reason = whyInstall();
  if (reason === null) return false;
  say(`Installing packages with npm ci (${reason}) …`);
  const npm = process.env.npm_execpath;
  const [command, start] = npm && basename(npm).startsWith('npm') ? [process.execPath, [npm]] : ['npm', []];
  const args = [...start, 'ci', '--include=dev', '--include=optional', '--no-audit', '--no-fund'];
  try {
    const logFile = join(logsDir, 'npm-ci.log');
    await runLogged('npm ci', command, args, {
      cwd: root,
      logFile,
      progress: countPackages,
      excerpt: headOf,
    });
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
    throw new UserError(
      'npm was not found beside Node.js. Install npm, or run `npm ci` with the one you have.',
    );
  }
  say('Packages installed');
  return true;
}
