// `npm start`: all of Postrider on a machine with only Node.js. What it does is in local-system.mjs, step by step here.
import fs, { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { build } from './lib/build.mjs';
import { checkNodeVersion, installPackages } from './lib/install.mjs';
import { LocalSystem } from './lib/local-system.mjs';
import { takeLock } from './lib/lock.mjs';
import { ensureNatsServer } from './lib/nats-binary.mjs';
import { localFile, logsDir, root, services } from './lib/paths.mjs';
import { servicePorts } from './lib/ports.mjs';
import { endCommands } from './lib/process.mjs';
import { UserError, say, sayError } from './lib/say.mjs';
import { loadSecrets } from './lib/secrets.mjs';
import { endLeftoverServices, localDefaults, logFileOf } from './lib/services.mjs';

const environment = { ...process.env };
const settled = (name) => environment[name] ?? localDefaults[name];
let system;
let stopping;

/** `fs.statfsSync` and not a named import: an older Node.js must get as far as being told that it is too old. */
function checkDiskSpace() {
  const neededMB = existsSync(join(root, 'node_modules')) ? 200 : 1_500;
  const { bavail, bsize } = fs.statfsSync(root);
  const freeMB = Math.floor((bavail * bsize) / 1_000_000);
  if (freeMB < neededMB)
    throw new UserError(`Only ${freeMB} MB are free in ${root}; Postrider needs ${neededMB} MB.`);
}

/** The logs of the run before are kept as `<name>.log.1`. */
function rotateLogs() {
  mkdirSync(logsDir, { recursive: true });
  for (const name of [...services.map((service) => service.name), 'postgres', 'nats']) {
    const file = logFileOf(name);
    if (existsSync(file)) renameSync(file, `${file}.1`);
  }
}

const throwIfStopping = () => {
  if (stopping) throw new UserError('Stopped before it was up.');
};

async function start() {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  say(`Postrider ${version} on Node.js ${process.versions.node}`);
  checkDiskSpace();
  await endLeftoverServices();
  rmSync(localFile, { force: true });
  const ports = await servicePorts(environment);
  rotateLogs();
  const secrets = loadSecrets();
  const [natsProgram] = await Promise.all([
    environment.NATS_URL ? undefined : ensureNatsServer(),
    installPackages(),
  ]);
  throwIfStopping();
  system = new LocalSystem({ environment, secrets, ports });
  const [built] = await Promise.all([build(), system.startPostgres()]);
  throwIfStopping();
  await Promise.all([system.startNats(natsProgram, built), system.migrate(built)]);
  throwIfStopping();
  await system.startServices();
  throwIfStopping();
  sayWelcome(system.describe());
}

function sayWelcome({ ApiUrl, DashboardUrl, IngestUrl, NatsUrl, AdminApiKey }) {
  const isHttpAllowed = settled('ALLOW_HTTP_ENDPOINTS') === 'true';
  say('Postrider is up\n');
  console.log(
    [
      `  Dashboard   ${DashboardUrl}   (sign in with the admin key)`,
      `  API         ${ApiUrl}/v1   (reference: ${ApiUrl}/docs)`,
      `  Events in   ${IngestUrl}/v1/organizations/<id>/events, or over NATS: ${NatsUrl}`,
      `  Admin key   ${AdminApiKey}`,
      `  Logs        ${logsDir}`,
      `  For tools   ${localFile}`,
      '',
      `  Local mode: http endpoints are ${isHttpAllowed ? 'allowed' : 'refused'}, and these otherwise forbidden addresses`,
      `  may be called: ${settled('EGRESS_ALLOW') || 'none'} (ports: ${settled('EGRESS_PORTS')}).`,
      '',
      '  See it work: npm run demo      Stop: Ctrl-C',
      '',
    ].join('\n'),
  );
}

/** The first signal stops in order, one after a while in a hurry. npm passes Ctrl-C on, so it may come twice at once. */
function onSignal(name) {
  if (!stopping) {
    say(`${name}: stopping (once more to hurry) …`);
    stopping = { at: performance.now(), done: stop(0) };
  } else if (performance.now() - stopping.at > 700) {
    system?.hurry();
  }
}

async function stop(exitCode) {
  await endCommands();
  await system?.stop();
  rmSync(localFile, { force: true });
  releaseLock?.();
  say('Stopped');
  process.exit(exitCode);
}

let releaseLock;
try {
  checkNodeVersion();
  releaseLock = takeLock();
} catch (error) {
  sayError(error);
  process.exit(1);
}
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(name, () => onSignal(name));
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
if (environment.npm_lifecycle_event === 'start') {
  // An npm that was killed passes no signal on; nobody would be left to stop this with Ctrl-C.
  const parent = process.ppid;
  setInterval(() => process.ppid !== parent && !stopping && onSignal('npm has ended'), 1_000).unref();
}
const fail = async (error) => {
  if (stopping) return;
  sayError(error);
  stopping = { at: performance.now(), done: stop(1) };
};
process.on('uncaughtException', (error) => void fail(error));
process.on('unhandledRejection', (error) => void fail(error));
await start().catch(fail);
