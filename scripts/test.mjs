// `npm test`: every test of every workspace, with a real PostgreSQL and a real NATS. `npm run e2e`: those of e2e/ only.
// Ends with `N passed, N failed`.
import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { turboEnvironment } from './lib/build.mjs';
import { ensureChromium } from './lib/chromium.mjs';
import { checkNodeVersion, installPackages } from './lib/install.mjs';
import { ensureNatsServer } from './lib/nats-binary.mjs';
import { root } from './lib/paths.mjs';
import { endCommands, signal } from './lib/process.mjs';
import { say, sayError } from './lib/say.mjs';
import { testPostgresOf } from './lib/test-postgres.mjs';
import { resultFiles, sayResults, summarise } from './lib/test-results.mjs';

const only = process.argv[2];
const endToEnd = '@postrider/e2e';
let turboRun;
let postgres;
let isEnding = false;

/** Turbo and all below it are one process group, so that all of it can be ended together. */
function runTests(filter, concurrency, environment) {
  const options = [
    '--continue=dependencies-successful',
    '--output-logs=new-only',
    `--concurrency=${concurrency}`,
  ];
  const turbo = join(root, 'node_modules', 'turbo', 'bin', 'turbo');
  turboRun = spawn(process.execPath, [turbo, 'run', 'test', `--filter=${filter}`, ...options], {
    cwd: root,
    env: environment,
    detached: true,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  return new Promise((resolve, reject) => {
    turboRun.once('error', reject);
    turboRun.once('exit', (code) => resolve(code === 0));
  });
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
  return summarise(isWell.every(Boolean));
}

async function end(exitCode) {
  isEnding = true;
  await endCommands();
  if (turboRun?.exitCode === null && turboRun.signalCode === null) {
    const gone = new Promise((resolve) => turboRun.once('exit', resolve));
    signal(-turboRun.pid, 'SIGTERM');
    const insist = setTimeout(() => signal(-turboRun.pid, 'SIGKILL'), 5_000);
    await gone;
    clearTimeout(insist);
  }
  if (turboRun) signal(-turboRun.pid, 'SIGKILL');
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
