// Which packages of an installed tree nobody needs at run time. `npm ci --omit=dev` leaves some: what a lock file calls
// "devOptional" (TypeScript, which is an optional peer of packages that run), and what workspaces need that are not here.
import { existsSync, lstatSync, readdirSync, readFileSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';

const readJson = (file) => JSON.parse(readFileSync(file, 'utf8'));

/** As Node.js finds a package: in node_modules of the folder, or of the nearest one above it. */
function resolvePackage(name, from, tree) {
  for (let folder = from; ; folder = dirname(folder)) {
    const found = join(folder, 'node_modules', name);
    if (existsSync(join(found, 'package.json'))) return realpathSync(found);
    if (folder === tree || dirname(folder) === folder) return undefined;
  }
}

/** What a package asks for that must be there, and what may be missing on this machine. Optional peers do not count. */
function needsOf(folder) {
  const manifest = readJson(join(folder, 'package.json'));
  const { dependencies = {}, optionalDependencies = {}, peerDependencies = {} } = manifest;
  const isOptional = (name) => manifest.peerDependenciesMeta?.[name]?.optional === true;
  const peers = Object.keys(peerDependencies).filter((name) => !isOptional(name));
  return {
    needed: [...Object.keys(dependencies), ...peers].filter((name) => !(name in optionalDependencies)),
    optional: Object.keys(optionalDependencies),
  };
}

function reach(folder, tree, found) {
  if (found.has(folder)) return;
  found.add(folder);
  const { needed, optional } = needsOf(folder);
  for (const name of [...needed, ...optional]) {
    const next = resolvePackage(name, folder, tree);
    if (next !== undefined) reach(next, tree, found);
    else if (needed.includes(name)) throw new Error(`${folder} needs ${name}, which is not installed`);
  }
}

/** Folders of all packages below a node_modules, and below theirs; links are named, and not followed. */
function packagesBelow(nodeModules) {
  if (!existsSync(nodeModules)) return [];
  return readdirSync(nodeModules, { withFileTypes: true })
    .filter((entry) => !entry.name.startsWith('.'))
    .flatMap((entry) => {
      const path = join(nodeModules, entry.name);
      if (entry.name.startsWith('@')) return readdirSync(path).map((name) => join(path, name));
      return [path];
    })
    .flatMap((path) =>
      lstatSync(path).isSymbolicLink() ? [path] : [path, ...packagesBelow(join(path, 'node_modules'))],
    );
}

/**
 * @param roots folders of the workspaces that run, below `tree`
 * @returns folders, and links to workspaces, that none of them needs
 */
export function unneededPackages(tree, roots) {
  const root = realpathSync(tree);
  const found = new Set();
  for (const folder of roots) reach(realpathSync(folder), root, found);
  const places = [join(root, 'node_modules'), ...[...found].map((folder) => join(folder, 'node_modules'))];
  const all = new Set(places.flatMap(packagesBelow));
  return [...all].filter((path) => !existsSync(path) || !found.has(realpathSync(path)));
}
