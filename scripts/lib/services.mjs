// The four services as processes of their own: each with its own database role and NATS user.
import { spawn } from 'node:child_process';
import { closeSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { entryPoint, localFile, logsDir, root, services } from './paths.mjs';
import { endProcess, identify, openLog, tailOf } from './process.mjs';
import { UserError } from './say.mjs';

/** What `npm start` allows that a production configuration does not; what the person has set goes before it. */
export const localDefaults = {
  HOST: '127.0.0.1',
  ALLOW_HTTP_ENDPOINTS: 'true',
  EGRESS_ALLOW: '127.0.0.0/8,::1/128',
  EGRESS_PORTS: '*',
};

export const logFileOf = (name) => join(logsDir, `${name}.log`);

/** The administrator's URL with another user in it. */
export function urlAs(url, user, password) {
  const changed = new URL(url);
  changed.username = user;
  changed.password = password;
  return changed.href;
}

/** Database roles are called by the database unless ROLE_PREFIX says otherwise; role names bear a-z, 0-9 and _ only. */
export function rolePrefixOf(databaseUrl, environment) {
  if (environment.ROLE_PREFIX) return environment.ROLE_PREFIX;
  const name = decodeURIComponent(new URL(databaseUrl).pathname.slice(1)) || 'postrider';
  const plain = name.toLowerCase().replaceAll(/[^a-z0-9_]/g, '_');
  return (/^[a-z_]/.test(plain) ? plain : `p_${plain}`).slice(0, 41);
}

/** Mail on one machine needs no more than a mail server. */
const mailDefaults = (variables, secrets) => ({
  MAIL_FROM: variables.MAIL_FROM || 'Postrider <postrider@localhost.localdomain>',
  MAIL_LINK_KEY: variables.MAIL_LINK_KEY || secrets.MailLinkKey,
});

/** Everything that the person has set reaches every service; the master keys only the one that decrypts. */
export function serviceEnvironment(service, { environment, secrets, databaseUrl, natsUrl, port }) {
  const variables = {
    ...localDefaults,
    ...environment,
    ADMIN_API_KEY: environment.ADMIN_API_KEY || secrets.AdminApiKey,
    MASTER_KEYS: environment.MASTER_KEYS || secrets.MasterKeys,
    DATABASE_URL: databaseUrl,
    NATS_URL: natsUrl,
    [service.portVariable]: String(port),
  };
  if (service.role !== 'signer') delete variables.MASTER_KEYS;
  if (variables.SMTP_URL) Object.assign(variables, mailDefaults(variables, secrets));
  // Passwords of the mail server are the dispatcher's business alone; browsers ask config-api under more than one name.
  if (service.role !== 'dispatcher') delete variables.SMTP_URL;
  else variables.PUBLIC_URL ||= `http://localhost:${Number(variables.CONFIG_API_PORT) || 3000}`;
  return variables;
}

/**
 * Starts one service. `ready` resolves with its address once it listens and is ready, and rejects when it ends before:
 * how long that may take is the caller's to say, since a service without NATS or a database waits for them.
 */
export function launchService(service, variables, logFile = logFileOf(service.name)) {
  const log = openLog(logFile, { rotate: false });
  const child = spawn(process.execPath, [entryPoint(service)], {
    cwd: root,
    env: variables,
    detached: true,
    stdio: ['ignore', log, log, 'ipc'],
  });
  closeSync(log);
  const ready = new Promise((resolve, reject) => {
    const fail = (what) =>
      reject(new UserError(`${service.name} ${what}.\n${tailOf(logFile)}\nAll of it: ${logFile}`));
    child.on('message', (message) => {
      if (message?.type === 'listening') resolve(reachable(message.url));
    });
    child.once('error', (error) => fail(`could not be started: ${error.message}`));
    child.once('exit', (code, by) => fail(`ended (${code ?? by}) before it was ready`));
  });
  ready.catch(() => {});
  return { child, ready };
}

/** Ends services of a start that was killed and that have not noticed yet: they would hold the ports. */
export async function endLeftoverServices() {
  let pids;
  try {
    pids = JSON.parse(readFileSync(localFile, 'utf8')).Pids;
  } catch {
    return;
  }
  const left = services.flatMap((service) =>
    (pids[service.key] ?? []).filter((pid) => identify(pid)?.command.includes(entryPoint(service))),
  );
  await Promise.all(left.map((pid) => endProcess(pid, { graceMs: 10_000 })));
}

/** A service that listens on every address is reached at loopback. */
function reachable(url) {
  const { protocol, hostname, port } = new URL(url);
  const host = hostname === '0.0.0.0' || hostname === '[::]' ? '127.0.0.1' : hostname;
  return `${protocol}//${host}${port && `:${port}`}`;
}
