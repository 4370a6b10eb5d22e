// All of Postrider for one test: a database, a NATS and the four services as processes, all of the test's own.
import { randomBytes } from 'node:crypto';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  entryPoint,
  serviceEnvironment,
  services as descriptions,
  type ServiceDescription,
  type ServiceName,
} from '../../../scripts/lib/for-tests.mjs';
import { childEnvironment } from './child-environment.js';
import { createTestDatabase, type TestDatabase } from './database.js';
import { sendRequest, type Reply } from './http.js';
import { temporaryFolder } from './keeper.js';
import { connectNats, type NatsClient, type PublishAck } from './nats-client.js';
import { startNats, type TestNats } from './nats.js';
import { startPostgres, type PostgresOptions, type TestPostgres } from './postgres.js';
import { ServiceProcess, type Variables } from './service-process.js';
import { waitFor, type WaitOptions } from './wait-for.js';

export type { ServiceName };

export interface SystemOptions {
  /** Environment of every service, before what the kit sets for local mode. */
  readonly env?: Variables;
  /** Environment of one service. */
  readonly serviceEnv?: Partial<Record<ServiceName, Variables>>;
  /** How many processes of a service, default 1; 0 leaves it out. */
  readonly instances?: Partial<Record<ServiceName, number>>;
  /** A PostgreSQL server of its own (`system.postgres`), for tests that stop or kill it. */
  readonly ownPostgres?: boolean | PostgresOptions;
  /** Where NATS keeps its store, for a test that has made a folder on a disk of its own. */
  readonly natsHome?: string;
  /** PEM certificates of authorities that the services trust besides the known ones. */
  readonly trust?: readonly string[];
  /** What the services connect to instead, for a proxy in between. */
  readonly databaseUrlOf?: (url: string) => string;
  readonly natsUrlOf?: (url: string) => string;
}

export interface CallOptions {
  /** Default: the admin key. `null` sends none. */
  readonly key?: string | null;
  readonly headers?: Readonly<Record<string, string>>;
  readonly timeoutMs?: number;
}

export interface TestSystem {
  readonly apiUrl: string;
  readonly ingestUrl: string;
  readonly adminApiKey: string;
  readonly database: TestDatabase;
  readonly nats: TestNats;
  /** With `ownPostgres`. */
  readonly postgres: TestPostgres | undefined;
  /** A process of a service, the first unless told. */
  service(name: ServiceName, instance?: number): ServiceProcess;
  /** A call of config-api. */
  api(method: string, path: string, body?: unknown, options?: CallOptions): Promise<Reply>;
  /** A call of event-ingest. */
  ingest(method: string, path: string, body?: unknown, options?: CallOptions): Promise<Reply>;
  /** Publishes over NATS as a scheduler does; resolves with JetStream's ack. A string or bytes go out as they are. */
  publish(organizationId: string, topic: string, event: unknown, eventId?: string): Promise<PublishAck>;
  /** Like waitFor; on failure the ends of the logs stand in the error. */
  waitFor<T>(what: string, condition: () => T | Promise<T>, options?: WaitOptions): Promise<NonNullable<T>>;
  /** The ends of all services' logs. */
  logs(lines?: number): string;
  stop(): Promise<void>;
}

interface Parts {
  readonly database: TestDatabase;
  readonly nats: TestNats;
  readonly postgres: TestPostgres | undefined;
  readonly processes: ReadonlyMap<ServiceName, readonly ServiceProcess[]>;
  readonly secrets: { readonly AdminApiKey: string; readonly MasterKeys: string };
}

function checkBuilt(): void {
  const missing = descriptions.filter((service) => !existsSync(entryPoint(service)));
  if (missing.length === 0) return;
  const names = missing.map(({ name }) => `--filter=@postrider/${name}`).join(' ');
  throw new Error(`services are not built: npx turbo run build ${names}`);
}

/** What a service of this system finds in its environment: what `npm start` gives it, and what the test asks for. */
function variablesOf(
  service: ServiceDescription,
  parts: Omit<Parts, 'processes'>,
  options: SystemOptions,
  home: string,
): Variables {
  const { databaseUrlOf = (url) => url, natsUrlOf = (url) => url, trust = [] } = options;
  const authorities = join(home, 'authorities.pem');
  if (trust.length > 0) writeFileSync(authorities, trust.join('\n'));
  const given = {
    ...childEnvironment(),
    LOG_LEVEL: 'info',
    ADMIN_API_KEY: parts.secrets.AdminApiKey,
    MASTER_KEYS: parts.secrets.MasterKeys,
    ...(trust.length > 0 && { NODE_EXTRA_CA_CERTS: authorities }),
    ...options.env,
    ...options.serviceEnv?.[service.name],
  };
  return serviceEnvironment(service, {
    environment: given,
    secrets: parts.secrets,
    databaseUrl: databaseUrlOf(parts.database.urlFor(service.role)),
    natsUrl: natsUrlOf(parts.nats.urlFor(service.role)),
    port: 0,
  });
}

function makeProcesses(
  parts: Omit<Parts, 'processes'>,
  options: SystemOptions,
): Map<ServiceName, ServiceProcess[]> {
  const home = temporaryFolder('system');
  return new Map(
    descriptions.map((service) => {
      const variables = variablesOf(service, parts, options, home);
      const instances = Array.from(
        { length: options.instances?.[service.name] ?? 1 },
        (_, instance) =>
          new ServiceProcess(service, variables, join(home, `${service.name}-${instance}.log`)),
      );
      return [service.name, instances];
    }),
  );
}

/** Starts a system of the test's own; `stop` it in afterAll. Needs the services built. */
export async function startSystem(options: SystemOptions = {}): Promise<TestSystem> {
  checkBuilt();
  const { ownPostgres = false, natsHome } = options;
  const postgres =
    ownPostgres === false ? undefined : await startPostgres(ownPostgres === true ? {} : ownPostgres);
  const [database, nats] = await Promise.all([
    createTestDatabase(postgres ? { serverUrl: postgres.url } : {}),
    startNats({ users: true, ...(natsHome !== undefined && { home: natsHome }) }),
  ]);
  const secrets = {
    AdminApiKey: options.env?.['ADMIN_API_KEY'] ?? `pr_admin_${randomBytes(24).toString('base64url')}`,
    MasterKeys: options.env?.['MASTER_KEYS'] ?? `test-1:${randomBytes(32).toString('base64')}`,
  };
  const base = { database, nats, postgres, secrets };
  const parts = { ...base, processes: makeProcesses(base, options) };
  const system = describeSystem(parts);
  try {
    await Promise.all([...parts.processes.values()].flat().map((service) => service.start()));
  } catch (error) {
    const logs = system.logs();
    await system.stop().catch(() => undefined);
    throw new Error(`the system did not start: ${String(error)}\n${logs}`, { cause: error });
  }
  return system;
}

function describeSystem(parts: Parts): TestSystem {
  const { database, nats, postgres, processes } = parts;
  const adminApiKey = parts.secrets.AdminApiKey;
  const all = [...processes.values()].flat();
  let publisher: Promise<NatsClient> | undefined;
  const service = (name: ServiceName, instance = 0): ServiceProcess => {
    const found = processes.get(name)?.[instance];
    if (found === undefined) throw new Error(`this system has no ${name} ${instance}`);
    return found;
  };
  const call =
    (name: ServiceName) =>
    (method: string, path: string, body?: unknown, options: CallOptions = {}) => {
      const { key = adminApiKey, headers, timeoutMs } = options;
      const authorization: Record<string, string> = key === null ? {} : { authorization: `Bearer ${key}` };
      return sendRequest(method, `${service(name).url}${path}`, {
        headers: { ...authorization, ...headers },
        body,
        ...(timeoutMs !== undefined && { timeoutMs }),
      });
    };
  const logs = (lines = 30): string =>
    [...processes].flatMap(([name, list]) => list.map((one) => `── ${name}\n${one.log(lines)}`)).join('\n');
  return {
    get apiUrl() {
      return service('config-api').url;
    },
    get ingestUrl() {
      return service('event-ingest').url;
    },
    adminApiKey,
    database,
    nats,
    postgres,
    service,
    api: call('config-api'),
    ingest: call('event-ingest'),
    publish: async (organizationId, topic, event, eventId) => {
      publisher ??= connectNats(nats.urlFor('publisher'));
      const payload =
        typeof event === 'string' || event instanceof Uint8Array ? event : JSON.stringify(event);
      const options = eventId === undefined ? {} : { msgId: eventId };
      try {
        return await (
          await publisher
        ).publish(`postrider.events.v1.${organizationId}.${topic}`, payload, options);
      } catch (error) {
        // The next one connects anew: NATS may have been away.
        publisher = undefined;
        throw error;
      }
    },
    waitFor: (what, condition, options) =>
      waitFor(what, condition, options).catch((error: unknown) => {
        throw new Error(`${error instanceof Error ? error.message : String(error)}\n${logs()}`, {
          cause: error,
        });
      }),
    logs,
    stop: async () => {
      (await publisher?.catch(() => undefined))?.close();
      await Promise.all(all.map((one) => one.stop()));
      await nats.kill();
      await database.drop().finally(() => postgres?.stop());
    },
  };
}
