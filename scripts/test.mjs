// `npm test`: every test of every workspace, with a real PostgreSQL and a real NATS. `npm run e2e`: those of e2e/ only.
// Ends with `N passed, N failed`.
import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join, relative } from 'node:path';
import { turboEnvironment } from './lib/build.mjs';
import { ensureChromium } from './lib/chromium.mjs';
import { checkNodeVersion, installPackages } from './lib/install.mjs';
import { ensureNatsServer } from './lib/nats-binary.mjs';
import { root } from './lib/paths.mjs';
import { endCommands, signal } from './lib/process.mjs';
import { say, sayError } from './lib/say.mjs';
import { testPostgresOf } from './lib/test-postgres.mjs';
import { failedFiles, replaceResults, resultFiles, sayResults, summarise } from './lib/test-results.mjs';

const only = process.argv[2];
const endToEnd = '@postrider/e2e';
const filesTriedAgain = 3;
/** What runs just now: turbo, or jest. */
let group;
let postgres;
let isEnding = false;

/** Node with all below it is one process group, so that all of it can be ended together. */
function runGroup(args, cwd, environment) {
  group = spawn(process.execPath, args, {
    cwd,
    env: environment,
    detached: true,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  return new Promise((resolve, reject) => {
    group.once('error', reject);
    group.once('exit', (code) => resolve(code === 0));
  });
}

function runTests(filter, concurrency, environment) {
  const options = [
    '--continue=dependencies-successful',
    '--output-logs=new-only',
    `--concurrency=${concurrency}`,
  ];
  const turbo = join(root, 'node_modules', 'turbo', 'bin', 'turbo');
  return runGroup([turbo, 'run', 'test', `--filter=${filter}`, ...options], root, environment);
}

/**
 * In CI the files that failed are tried once more, from their beginning and with the machine to themselves, and both
 * tries are told: deadlines of half a second and machines that are shared with strangers do not go together. Where
 * many fail it was not the machine. Everywhere else a test has one try.
 */
async function tryFailedFilesAgain(environment) {
  const failed = failedFiles();
  if (failed.flatMap(({ files }) => files).length > filesTriedAgain) return;
  const jest = join(root, 'node_modules', 'jest', 'bin', 'jest.js');
  for (const { workspace, files } of failed) {
    if (isEnding) return;
    say(`Once more: ${files.map((file) => relative(root, file)).join(', ')}`);
    await replaceResults(workspace, () =>
      runGroup([jest, '--runTestsByPath', ...files], join(root, workspace), environment),
    );
  }
}

async function run() {
  checkNodeVersion();
  await installPackages();
  const natsServer = await ensureNatsServer();
  const chromium = await ensureChromium();
  postgres = await testPostgresOf(process.pid);
  say(`PostgreSQL for the tests: ${postgres.url}; NATS: ${natsServer}`);
  const environment = {
    ...turboEnvironment(),
    TEST_DATABASE_URL: postgres.url,
    TEST_NATS_SERVER: natsServer,
    ...(chromium && { TEST_CHROMIUM: chromium }),
    NODE_OPTIONS:
      `${process.env.NODE_OPTIONS ?? ''} --experimental-vm-modules --disable-warning=ExperimentalWarning`.trim(),
  };
  for (const { file } of resultFiles()) rmSync(file, { force: true });
  const concurrency = Math.min(2, availableParallelism());
  const isWell = [];
  if (only !== 'e2e') isWell.push(await runTests(`!${endToEnd}`, concurrency, environment));
  // Whole systems and their deadlines have the machine to themselves.
  if (!isEnding) isWell.push(await runTests(endToEnd, 1, environment));
  if (process.env.CI) await tryFailedFilesAgain(environment);
  return summarise(isWell.every(Boolean), (workspace) => only !== 'e2e' || workspace === 'e2e');
}

async function end(exitCode) {
  isEnding = true;
  await endCommands();
  if (group?.exitCode === null && group.signalCode === null) {
    const gone = new Promise((resolve) => group.once('exit', resolve));
    signal(-group.pid, 'SIGTERM');
    const insist = setTimeout(() => signal(-group.pid, 'SIGKILL'), 5_000);
    await gone;
    clearTimeout(insist);
  }
  if (group) signal(-group.pid, 'SIGKILL');
  await postgres?.stop();
  process.exit(exitCode);
}

for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(name, () => !isEnding && void end(130));
try {
  const results = await run();
  if (!isEnding) {
    sayResults(results);
    await end(results.failures.length === 0 ? 0 : 1);
  }
} catch (error) {
  if (!isEnding) {
    sayError(error);
    console.log('0 passed, 1 failed');
    await end(1);
  }
}
