// The build: skipped in milliseconds when no source has changed since the last one.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { entryPoint, logsDir, root, services, stateDir } from './paths.mjs';
import { runLogged } from './process.mjs';
import { say } from './say.mjs';

const stampFile = join(stateDir, 'build.stamp');
const generated = new Set(['node_modules', 'dist', 'coverage', '.turbo', 'test']);
const dashboard = join(root, 'apps', 'dashboard');

/** Runs turbo without its reports home and notices. */
export async function turbo(title, args, options) {
  await runLogged(title, process.execPath, [join(root, 'node_modules', 'turbo', 'bin', 'turbo'), ...args], {
    cwd: root,
    env: turboEnvironment(),
    ...options,
  });
}

export const turboEnvironment = () => ({
  ...process.env,
  TURBO_TELEMETRY_DISABLED: '1',
  TURBO_NO_UPDATE_NOTIFIER: '1',
  DO_NOT_TRACK: '1',
});

function sourcesBelow(folder, into) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      if (!generated.has(entry.name)) sourcesBelow(path, into);
    } else if (!entry.name.includes('.test.')) {
      const { size, mtimeMs } = statSync(path);
      into.push(`${path} ${size} ${mtimeMs}`);
    }
  }
  return into;
}

function currentStamp() {
  const files = ['package-lock.json', 'tsconfig.base.json', 'turbo.json'].map(
    (name) => `${name} ${statSync(join(root, name)).mtimeMs}`,
  );
  for (const folder of ['apps', 'packages']) sourcesBelow(join(root, folder), files);
  return createHash('sha256').update(files.sort().join('\n')).digest('hex');
}

function outputs() {
  const programs = services.map(entryPoint);
  const page = existsSync(join(dashboard, 'package.json')) ? [join(dashboard, 'dist', 'index.html')] : [];
  return [
    ...programs,
    ...page,
    ...['database', 'messaging', 'cli'].map((name) => join(root, 'packages', name, 'dist', 'index.js')),
  ];
}

function lastStamp() {
  try {
    return readFileSync(stampFile, 'utf8');
  } catch {
    return '';
  }
}

/** Builds the services, the dashboard and what they import, where needed; returns what stands for the built version. */
export async function build() {
  const stamp = currentStamp();
  if (lastStamp() === stamp && outputs().every((file) => existsSync(file))) return stamp;
  say('Building the services and the dashboard …');
  await turbo(
    'the build',
    ['run', 'build', '--filter=./apps/*', '--filter=@postrider/cli', '--output-logs=new-only'],
    {
      logFile: join(logsDir, 'build.log'),
    },
  );
  writeFileSync(stampFile, stamp);
  say('Built');
  return stamp;
}
