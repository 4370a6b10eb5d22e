// Completes package-lock.json with the optional packages of other platforms.
//
// npm leaves out what the registry in reach does not carry (partial mirrors have their own platform only), and
// `npm ci` then refuses the file everywhere. Their versions are pinned by the packages that want them, and their
// names tell the platform. What npm has written stays as it is. `--check` changes nothing and fails when something
// is missing.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './lib/paths.mjs';

const systems = { windows: 'win32' };
const knownSystems = [
  'aix',
  'android',
  'darwin',
  'freebsd',
  'linux',
  'netbsd',
  'openbsd',
  'openharmony',
  'sunos',
  'win32',
  'windows',
];
const processors = { 64: 'x64', aarch64: 'arm64' };
const knownProcessors = [
  '64',
  'aarch64',
  'arm',
  'arm64',
  'ia32',
  'loong64',
  'ppc64',
  'riscv64',
  's390x',
  'wasm32',
  'x64',
];

/** Whether a package is found from `path` by going up, as Node.js and npm do. */
function isLocked(packages, path, name) {
  const parents = path
    .split('/node_modules/')
    .map((_, index, parts) => `${parts.slice(0, index + 1).join('/node_modules/')}/`);
  return ['', ...parents].some((parent) => packages[`${parent}node_modules/${name}`]);
}

function entryFor(name, version, wantedBy) {
  const parts = name.slice(name.indexOf('/') + 1).split('-');
  const os = parts.find((part) => knownSystems.includes(part));
  const cpu = parts.find((part) => knownProcessors.includes(part));
  const libc = parts.includes('musl')
    ? 'musl'
    : os === 'linux' && parts.includes('gnu')
      ? 'glibc'
      : undefined;
  if (!os || !/^\d/.test(version))
    throw new Error(`${name}@${version}: neither platform nor version can be told; add it by hand.`);
  return {
    version,
    ...(cpu && { cpu: [processors[cpu] ?? cpu] }),
    ...(wantedBy.dev && { dev: true }),
    ...(libc && { libc: [libc] }),
    ...(wantedBy.license && { license: wantedBy.license }),
    optional: true,
    os: [systems[os] ?? os],
  };
}

const file = join(root, 'package-lock.json');
const lock = JSON.parse(readFileSync(file, 'utf8'));
const missing = [];
for (const [path, wantedBy] of Object.entries(lock.packages)) {
  for (const [name, version] of Object.entries(wantedBy.optionalDependencies ?? {})) {
    if (isLocked(lock.packages, path, name)) continue;
    missing.push(name);
    if (!process.argv.includes('--check'))
      lock.packages[`node_modules/${name}`] = entryFor(name, version, wantedBy);
  }
}
if (missing.length === 0) {
  console.log('package-lock.json names the packages of every platform.');
} else if (process.argv.includes('--check')) {
  console.error(`package-lock.json lacks ${missing.join(', ')}.\nRun: node scripts/lock-platforms.mjs`);
  process.exitCode = 1;
} else {
  const inOrder = ([one], [other]) => one.localeCompare(other, 'en');
  lock.packages = Object.fromEntries(Object.entries(lock.packages).sort(inOrder));
  writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
  console.log(`Added ${missing.length} packages of other platforms.`);
}
