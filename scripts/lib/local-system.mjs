// All processes of `npm start`: which there are, in what order they come and go, and local.json that tells of them.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { localFile, logsDir, root, services, stateDir } from './paths.mjs';
import { usualOrFreePort } from './ports.mjs';
import { endProcess, runLogged, tailOf } from './process.mjs';
import { endLeftoverNats, loadNatsPermissions, natsUrl, prepareNats, startNats, stopNats } from './nats.mjs';
import { endLeftoverPostgres, preparePostgres, startPostgres, stopPostgres } from './postgres.mjs';
import { writePrivately } from './private-file.mjs';
import { UserError, say } from './say.mjs';
import { launchService, logFileOf, rolePrefixOf, serviceEnvironment, urlAs } from './services.mjs';
import { Supervised } from './supervise.mjs';

const readyWithinMs = 60_000;
const drainMs = 8_500;
const signerDrainMs = 1_500;

async function inTime(up, name) {
  let timer;
  const tooLate = new Promise((_, reject) => {
    timer = setTimeout(() => {
      const logFile = logFileOf(name);
      const what = `${name} was not ready within ${readyWithinMs / 1000} s`;
      reject(new UserError(`${what}.\n${tailOf(logFile)}\nAll of it: ${logFile}`));
    }, readyWithinMs);
  });
  await Promise.race([up, tooLate]).finally(() => clearTimeout(timer));
}

const withoutCredentials = (url) => url.replace(/\/\/[^@/]*@/g, '//');

export class LocalSystem {
  #ports;
  #secrets;
  #environment;
  #addresses = {};
  #running = new Map();
  #isUp = false;
  #dataDir;
  #isStopping = false;

  constructor({ environment, secrets, ports }) {
    this.#environment = environment;
    this.#secrets = secrets;
    this.#ports = { ...ports };
  }

  async startPostgres() {
    const given = this.#environment.DATABASE_URL;
    if (given) {
      if (!URL.canParse(given))
        throw new UserError('DATABASE_URL is not a URL such as postgres://user:password@host:5432/database.');
      this.databaseUrl = given;
      say(`PostgreSQL: the one that DATABASE_URL names (${withoutCredentials(given)})`);
      return;
    }
    const { Instance, PostgresPassword } = this.#secrets;
    const cluster = preparePostgres({
      home: stateDir,
      outsideFolder: `postgres-${Instance}`,
      password: PostgresPassword,
      database: 'postrider',
      logFile: logFileOf('postgres'),
    });
    this.#dataDir = cluster.dataDir;
    const left = await endLeftoverPostgres(cluster);
    if (left) say(`PostgreSQL of an earlier run (process ${left}) was still there; stopped it`);
    const port = await usualOrFreePort(5432);
    await this.#supervise('Postgres', 'PostgreSQL', {
      logFile: cluster.logFile,
      launch: async () => {
        await endLeftoverPostgres(cluster);
        return { child: await startPostgres(cluster, port), ready: Promise.resolve() };
      },
      end: (pid) => stopPostgres(pid),
    });
    this.databaseUrl = cluster.urlOn(port);
    say(
      `PostgreSQL ${cluster.major} on 127.0.0.1:${port}, data in ${cluster.dataDir}${cluster.isNew ? ' (new)' : ''}`,
    );
  }

  /** @param version of the built code: what was found out about it is kept for the next start */
  async startNats(program, version) {
    const given = this.#environment.NATS_URL;
    if (given) {
      this.natsUrlFor = () => given;
      say(`NATS: the one that NATS_URL names (${withoutCredentials(given)})`);
      return;
    }
    const left = await endLeftoverNats({ home: stateDir });
    if (left) say(`NATS of an earlier run (process ${left}) was still there; stopped it`);
    const port = await usualOrFreePort(4222);
    const passwords = this.#secrets.NatsPasswords;
    const server = prepareNats({
      home: stateDir,
      program,
      port,
      passwords,
      permissions: await this.#natsPermissions(version),
      logFile: logFileOf('nats'),
    });
    await this.#supervise('Nats', 'NATS', {
      logFile: server.logFile,
      launch: () => startNats(server),
      end: (pid) => stopNats(pid),
    });
    this.natsUrlFor = (user) => natsUrl(port, user, passwords[user]);
    say(`NATS on 127.0.0.1:${port}, JetStream store in ${server.storeDir}`);
  }

  async #natsPermissions(version) {
    const file = join(stateDir, 'nats-permissions.json');
    const kept = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};
    if (kept.Version === version) return kept.Permissions;
    const permissions = await loadNatsPermissions();
    writePrivately(file, { Version: version, Permissions: permissions });
    return permissions;
  }

  /** An embedded database remembers the version that migrated it; another one is migrated at every start. */
  async migrate(version) {
    const marker = this.#dataDir && join(this.#dataDir, 'postrider-migrated');
    if (marker && existsSync(marker) && readFileSync(marker, 'utf8') === version) return;
    await runLogged('the migration', process.execPath, [join(root, 'packages/database/dist/migrate.js')], {
      cwd: root,
      logFile: join(logsDir, 'migrate.log'),
      env: {
        ...this.#environment,
        DATABASE_URL: this.databaseUrl,
        ROLE_PREFIX: rolePrefixOf(this.databaseUrl, this.#environment),
        ROLE_PASSWORDS: JSON.stringify(this.#secrets.RolePasswords),
      },
    });
    if (marker) writeFileSync(marker, version);
    say('Database migrated');
  }

  async startServices() {
    await Promise.all(services.map((service) => this.#startService(service)));
    this.#isUp = true;
    this.#tell();
  }

  async #startService(service) {
    const { name, key, role } = service;
    const prefix = rolePrefixOf(this.databaseUrl, this.#environment);
    const up = this.#supervise(key, name, {
      logFile: logFileOf(name),
      launch: () => {
        const started = launchService(
          service,
          serviceEnvironment(service, {
            environment: this.#environment,
            secrets: this.#secrets,
            databaseUrl: urlAs(this.databaseUrl, `${prefix}_${role}`, this.#secrets.RolePasswords[role]),
            natsUrl: this.natsUrlFor(role),
            port: this.#ports[name],
          }),
        );
        const ready = started.ready.then((address) => {
          this.#addresses[key] = address;
          // A free port that was picked once stays the service's for as long as this runs.
          this.#ports[name] = Number(new URL(address).port);
        });
        ready.catch(() => {});
        return { child: started.child, ready };
      },
      end: (pid) => endProcess(pid, { graceMs: name === 'signer' ? signerDrainMs : drainMs }),
    });
    await inTime(up, name);
    say(`${name} ready on ${this.#addresses[key]}`);
  }

  async #supervise(key, name, options) {
    if (this.#isStopping) throw new UserError('Stopped before it was up.');
    const supervised = new Supervised({ name, ...options, onChange: () => this.#tell() });
    this.#running.set(key, supervised);
    await supervised.start();
  }

  describe() {
    const pidsOf = (key) => this.#running.get(key)?.pids ?? [];
    return {
      ApiUrl: this.#addresses.ConfigApi,
      IngestUrl: this.#addresses.EventIngest,
      DashboardUrl: this.#addresses.ConfigApi,
      NatsUrl: this.natsUrlFor('publisher'),
      DatabaseUrl: this.databaseUrl,
      AdminApiKey: this.#environment.ADMIN_API_KEY || this.#secrets.AdminApiKey,
      HealthUrls: Object.fromEntries(
        services.map(({ key }) => [key, `${this.#addresses[key]}/health/ready`]),
      ),
      Pids: Object.fromEntries(
        [...services.map(({ key }) => key), 'Nats', 'Postgres'].map((key) => [key, pidsOf(key)]),
      ),
    };
  }

  #tell() {
    if (this.#isUp) writePrivately(localFile, this.describe());
  }

  /** Services first (the signer last: the others finish with its help), then what they stand on. */
  async stop() {
    this.#isUp = false;
    this.#isStopping = true;
    const stop = (keys) => Promise.all(keys.map((key) => this.#running.get(key)?.stop()));
    await stop(['ConfigApi', 'EventIngest', 'Dispatcher']);
    await stop(['Signer']);
    await stop(['Nats']);
    await stop(['Postgres']);
  }

  /** For the impatient: nothing is finished, nothing is lost either. */
  hurry() {
    for (const [key, supervised] of this.#running)
      supervised.kill(key === 'Postgres' ? 'SIGQUIT' : 'SIGKILL');
  }
}
