// Makes the next version of what waits in .changeset:  npm run make-version
// `changeset version` raises the versions of the workspaces and takes the changesets away; this raises the root, the
// lock file and the chart with them, and tells it all in CHANGELOG.md. It needs neither network nor a remote. Then look, and commit.
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const headings = { major: 'Breaking', minor: 'Added', patch: 'Fixed' };
const sizes = Object.keys(headings);

/** A changeset's size (the largest that it names) and its text. */
export function readChangeset(name, text) {
  const [, head = '', body = ''] = /^---\n([^]*?)\n---\n([^]*)$/.exec(text.replaceAll('\r\n', '\n')) ?? [];
  const found = [...head.matchAll(/^['"]?(@postrider\/[a-z-]+)['"]?: *(\w+) *$/gm)].map(([, , size]) => size);
  const size = sizes.find((one) => found.includes(one));
  if (size === undefined || found.some((one) => !sizes.includes(one)))
    throw new Error(`${name} must name a package and major, minor or patch: see .changeset/README.md`);
  if (body.trim() === '') throw new Error(`${name} must say what has changed`);
  return { size, text: body.trim() };
}

export function readChangesets(root) {
  const folder = join(root, '.changeset');
  return readdirSync(folder)
    .filter((name) => name.endsWith('.md') && name !== 'README.md')
    .sort()
    .map((name) => readChangeset(name, readFileSync(join(folder, name), 'utf8')));
}

/** The changelog with a version more: what stood under "Unreleased" comes first, then a list per size. */
export function addVersion(changelog, version, date, changesets) {
  const lists = sizes.flatMap((size) => {
    const texts = changesets
      .filter((one) => one.size === size)
      .map(({ text }) => `- ${text.replaceAll(/\n(?=.)/g, '\n  ')}`);
    return texts.length === 0 ? [] : [`### ${headings[size]}\n\n${texts.join('\n')}\n`];
  });
  const [before, unreleased = ''] = changelog.split(/^## Unreleased\n/m);
  if (unreleased === '') throw new Error('CHANGELOG.md must have a heading "## Unreleased"');
  const next = unreleased.search(/^## /m);
  const kept = (next < 0 ? unreleased : unreleased.slice(0, next)).trim();
  const rest = next < 0 ? '' : `\n${unreleased.slice(next)}`;
  const own = [...(kept === '' ? [] : [`${kept}\n`]), ...lists].join('\n');
  return `${before}## Unreleased\n\n## ${version} (${date})\n\n${own}${rest}`;
}

const readJson = (file) => JSON.parse(readFileSync(file, 'utf8'));
const writeJson = (file, value) => writeFileSync(file, `${JSON.stringify(value, null, 2)}\n`);

/** The root, the lock file and the chart follow the workspaces. */
function followWorkspaces(root) {
  const lockFile = join(root, 'package-lock.json');
  const lock = readJson(lockFile);
  const workspaces = Object.values(lock.packages).flatMap((entry) => (entry.link ? [entry.resolved] : []));
  let version = '';
  for (const folder of workspaces) {
    const manifest = readJson(join(root, folder, 'package.json'));
    version = manifest.version;
    lock.packages[folder].version = version;
    for (const kind of ['dependencies', 'devDependencies', 'peerDependencies'])
      if (manifest[kind] !== undefined) lock.packages[folder][kind] = manifest[kind];
  }
  const manifest = readJson(join(root, 'package.json'));
  writeJson(join(root, 'package.json'), { ...manifest, version });
  writeJson(lockFile, {
    ...lock,
    version,
    packages: { ...lock.packages, '': { ...lock.packages[''], version } },
  });
  const chart = join(root, 'deploy', 'helm', 'postrider', 'Chart.yaml');
  writeFileSync(
    chart,
    readFileSync(chart, 'utf8').replaceAll(/^(version|appVersion): .*$/gm, `$1: ${version}`),
  );
  return version;
}

function makeVersion(root, date) {
  const changesets = readChangesets(root);
  if (changesets.length === 0) {
    console.log('nothing waits in .changeset');
    return;
  }
  const program = createRequire(import.meta.url).resolve('@changesets/cli/bin.js');
  const { status } = spawnSync(process.execPath, [program, 'version'], { cwd: root, stdio: 'inherit' });
  if (status !== 0) throw new Error(`changeset version ended with ${status}`);
  const version = followWorkspaces(root);
  const file = join(root, 'CHANGELOG.md');
  writeFileSync(file, addVersion(readFileSync(file, 'utf8'), version, date, changesets));
  console.log(`${version}: run npm run api-documents, look at CHANGELOG.md, and commit`);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href)
  makeVersion(resolve(process.argv[2] ?? '.'), new Date().toISOString().slice(0, 10));
