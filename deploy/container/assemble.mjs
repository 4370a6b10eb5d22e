// Makes the production tree of each service from a built clone: just its workspaces (compiled), just the packages that
// they need to run, no development dependencies, no sources, no types.
//   node deploy/container/assemble.mjs <folder> <config-api | event-ingest | dispatcher | signer | migrate> …
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { unneededPackages } from './unneeded-packages.mjs';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..', '..');
const packageOf = (name) => (name === 'migrate' ? '@postrider/database' : `@postrider/${name}`);
const readJson = (file) => JSON.parse(readFileSync(file, 'utf8'));

function run(command, options, cwd) {
  const { status, error } = spawnSync(command, options, { cwd, stdio: ['ignore', 'inherit', 'inherit'] });
  if (error) throw error;
  if (status !== 0) throw new Error(`${command} ${options.join(' ')} ended with ${status}`);
}

/** Folder of each workspace of a tree, by its package's name. */
function workspacesOf(tree) {
  const folders = ['packages', 'apps', 'bench', 'chaos', 'e2e'].flatMap((parent) => {
    const path = join(tree, parent);
    if (!existsSync(path)) return [];
    const children = existsSync(join(path, 'package.json'))
      ? [parent]
      : readdirSync(path).map((name) => join(parent, name));
    return children.filter((folder) => existsSync(join(tree, folder, 'package.json')));
  });
  return new Map(folders.map((folder) => [readJson(join(tree, folder, 'package.json')).name, folder]));
}

/** The workspaces that a package needs to run, itself included: turbo's prune keeps those of development too. */
function neededBy(name, tree, workspaces, found = new Set()) {
  const folder = workspaces.get(name);
  if (folder === undefined || found.has(name)) return found;
  found.add(name);
  const { dependencies = {} } = readJson(join(tree, folder, 'package.json'));
  for (const dependency of Object.keys(dependencies)) neededBy(dependency, tree, workspaces, found);
  return found;
}

/** Types, sources and source maps are of no use at run time, and half of all files. */
function trim(folder) {
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (entry.isFile() && /\.([cm]?ts|[cm]?js\.map|tsbuildinfo)$/.test(entry.name))
      rmSync(join(entry.parentPath ?? entry.path, entry.name), { force: true });
  }
}

function assemble(name, tree) {
  rmSync(tree, { recursive: true, force: true });
  const turbo = join(root, 'node_modules', 'turbo', 'bin', 'turbo');
  run(process.execPath, [turbo, 'prune', packageOf(name), '--out-dir', tree], root);
  const workspaces = workspacesOf(tree);
  const needed = neededBy(packageOf(name), tree, workspaces);
  run(
    'npm',
    [
      'ci',
      '--omit=dev',
      '--ignore-scripts',
      '--no-audit',
      '--no-fund',
      '--loglevel=error',
      '--prefer-offline',
    ],
    tree,
  );
  for (const [workspace, folder] of workspaces) {
    const path = join(tree, folder);
    for (const entry of readdirSync(path))
      if (!['package.json', 'node_modules'].includes(entry)) rmSync(join(path, entry), { recursive: true });
    if (needed.has(workspace)) {
      cpSync(join(root, folder, 'dist'), join(path, 'dist'), { recursive: true });
    } else {
      rmSync(path, { recursive: true });
    }
  }
  const needs = [...needed].map((workspace) => join(tree, workspaces.get(workspace)));
  for (const unneeded of unneededPackages(tree, needs)) rmSync(unneeded, { recursive: true, force: true });
  if (name === 'config-api')
    cpSync(join(root, 'apps/dashboard/dist'), join(tree, 'apps/dashboard/dist'), { recursive: true });
  const { version, license } = readJson(join(tree, 'package.json'));
  writeFileSync(
    join(tree, 'package.json'),
    `${JSON.stringify({ name: `postrider-${name}`, version, license, private: true, type: 'module' })}\n`,
  );
  for (const left of [
    'package-lock.json',
    'turbo.json',
    '.npmrc',
    '.gitignore',
    'node_modules/.package-lock.json',
  ])
    rmSync(join(tree, left), { force: true });
  rmSync(join(tree, 'node_modules', '.bin'), { recursive: true, force: true });
  trim(tree);
}

const [folder, ...names] = process.argv.slice(2);
if (folder === undefined || names.length === 0) {
  console.error('node deploy/container/assemble.mjs <folder> <service> …');
  process.exit(2);
}
for (const name of names) assemble(name, join(resolve(folder), name));
