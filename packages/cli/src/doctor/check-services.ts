import type { SystemStatus } from '@postrider/contracts';
import type { Settings } from '../config.js';
import { ok, reasonOf, unsure, wrong, type Finding } from './check.js';
import { getJson } from './get-json.js';

const names: Readonly<Record<string, string>> = {
  ConfigApi: 'config-api',
  EventIngest: 'event-ingest',
  Dispatcher: 'dispatcher',
  Signer: 'signer',
};

/** What a reason of a readiness check asks for. */
const remedies: Readonly<Record<string, string>> = {
  database:
    'See that PostgreSQL runs, takes connections, and that DATABASE_URL of the service is right; it connects again by itself.',
  nats: 'See that nats-server runs with JetStream, and that NATS_URL of the service is right; it connects again by itself.',
  configuration:
    'It reads the configuration once PostgreSQL and NATS are there: look at those first, then at its log.',
  keys: 'MASTER_KEYS must hold the key that the secrets were wrapped with: put it back, as one of the older ones.',
  record:
    'Outcomes can not be written: see that the disk of PostgreSQL is not full, then the log of the dispatcher.',
  shutdown: 'It is stopping: wait, or start it again.',
};

/** Addresses of health checks by service: told by local.json, given with --health, or what can be guessed. */
export function healthUrls(
  { local, apiUrl, ingestUrl }: Settings,
  given: readonly string[],
): Map<string, string> {
  const urls = new Map<string, string>();
  for (const [key, url] of Object.entries(local?.HealthUrls ?? {})) urls.set(names[key] ?? key, url);
  if (!urls.has('config-api')) urls.set('config-api', `${apiUrl}/health/ready`);
  if (!urls.has('event-ingest') && ingestUrl !== apiUrl)
    urls.set('event-ingest', `${ingestUrl}/health/ready`);
  for (const one of given) {
    const [, name, address] = /^([\w-]+)=(https?:\/\/.+)$/.exec(one) ?? [];
    if (name === undefined || address === undefined) continue;
    urls.set(
      name,
      address.endsWith('/health/ready') ? address : `${address.replace(/\/+$/, '')}/health/ready`,
    );
  }
  return urls;
}

/** `askSystem`: how config-api sees the services, for those whose addresses are not known here. */
export async function checkServices(
  urls: ReadonlyMap<string, string>,
  askSystem: () => Promise<SystemStatus>,
): Promise<Finding[]> {
  const versions = new Map<string, string>();
  const found = await Promise.all([...urls].map(([name, url]) => checkService(name, url, versions)));
  const missing = serviceNames.filter((name) => !urls.has(name));
  const system = missing.length === 0 ? null : await askSystem().catch(() => null);
  return [
    ...found.flat(),
    ...missing.flatMap((name) => judgeAsTold(name, system, versions)),
    ...judgeVersions(versions),
  ];
}

const serviceNames = Object.values(names);

function judgeAsTold(name: string, system: SystemStatus | null, versions: Map<string, string>): Finding[] {
  const service = system?.Services.find((one) => one.Name === name);
  if (system?.NatsConnected !== true || service === undefined) {
    return [unsure(name, 'its address is not known here', `Give it: --health ${name}=http://host:port`)];
  }
  if (service.Instances.length === 0) {
    const remedy = 'Is one running, and connected to this NATS? In containers: docker compose ps, logs.';
    return [wrong(name, 'no instance has answered config-api', remedy)];
  }
  return service.Instances.flatMap(({ InstanceId, Version, Checks }) => {
    versions.set(`${name} ${InstanceId}`, Version);
    const bad = Checks.filter(({ Ok }) => !Ok);
    if (bad.length === 0) return [ok(name, `ready, as config-api sees it (instance ${InstanceId})`)];
    return bad.map((check) => notReady(name, check.Name, check.Reason));
  });
}

const notReady = (name: string, check: string, reason: string | null): Finding =>
  wrong(name, `not ready: ${check}: ${reason ?? 'no reason given'}`, remedies[check] ?? 'See its log.');

interface Ready {
  readonly checks?: Readonly<Record<string, { readonly ok: boolean; readonly reason: string | null }>>;
}

async function checkService(name: string, url: string, versions: Map<string, string>): Promise<Finding[]> {
  try {
    const { status, body } = await getJson(url);
    const checks = Object.entries((body as Ready | null)?.checks ?? {});
    if (checks.length === 0) {
      return [
        wrong(
          name,
          `${url} answered ${status}, but not as a Postrider service`,
          'Something else listens there: check the address and the port.',
        ),
      ];
    }
    const live = (await getJson(url.replace(/ready$/, 'live'))).body as { version?: string } | null;
    if (typeof live?.version === 'string') versions.set(name, live.version);
    const bad = checks.filter(([, check]) => !check.ok);
    if (bad.length === 0) return [ok(name, `ready (${checks.map(([what]) => what).join(', ')})`)];
    return bad.map(([what, { reason }]) => notReady(name, what, reason));
  } catch (error) {
    const remedy =
      'Is the process running? Locally its log is in .postrider/logs; in containers: docker compose ps, logs.';
    return [wrong(name, `no answer from ${url}: ${reasonOf(error)}`, remedy)];
  }
}

function judgeVersions(versions: ReadonlyMap<string, string>): Finding[] {
  const different = new Set(versions.values());
  const [only] = different;
  if (only === undefined) return [];
  const told = [...versions].map(([name, version]) => `${name} ${version}`).join(', ');
  if (different.size === 1) return [ok('versions', `all ${only}`)];
  return [
    unsure(
      'versions',
      `they differ: ${told}`,
      'Fine while an upgrade rolls on; otherwise bring all to the same version.',
    ),
  ];
}
