// NATS, PostgreSQL and the signer go away under load, and come back: nothing is lost, readiness tells, nobody restarts.
import {
  sendRequest,
  startTcpProxy,
  testDatabaseUrl,
  type ServiceName,
  type SystemOptions,
  type TestSystem,
} from '@postrider/test-kit';
import {
  delayProblems,
  lossProblems,
  pause,
  refusalProblems,
  underLoad,
  type ChaosOptions,
  type Load,
  type Outcome,
} from '../scenario.js';
import { serviceNames } from '../measure.js';

const settleMs = 3_000;
const readyLimitMs = 60_000;

/** Processes that were started anew since `pids` were noted: a crash, where none was asked for. */
const pidsOf = (system: TestSystem): Map<ServiceName, number> =>
  new Map(serviceNames.map((name) => [name, system.service(name).pid]));

async function readiness(system: TestSystem): Promise<Record<string, number>> {
  const entries = serviceNames.map(async (name) => {
    const url = `${system.service(name).url}/health/ready`;
    const status = await sendRequest('GET', url, { timeoutMs: 8_000 }).then(
      (reply) => reply.status,
      () => 0,
    );
    return [name, status] as const;
  });
  return Object.fromEntries(await Promise.all(entries));
}

interface Outage {
  readonly away: (load: Load) => Promise<void>;
  readonly back: (load: Load) => Promise<void>;
  /** Services that must say that they are not ready meanwhile. */
  readonly unready?: readonly ServiceName[];
  /** Whether HTTP must go on accepting. */
  readonly httpGoesOn?: boolean;
  /** Whether HTTP must refuse something, or there was no fault. */
  readonly httpRefuses?: boolean;
  /** The one service that is started anew on purpose. */
  readonly restarted?: ServiceName;
}

export async function outage(
  options: ChaosOptions,
  outage: Outage,
  system: SystemOptions = {},
): Promise<Outcome> {
  const problems: string[] = [];
  let acceptedMeanwhile = 0;
  let readyAfterMs = 0;
  let during: Record<string, number> = {};
  const { report, publisher } = await underLoad(options, { system }, async (load) => {
    await pause(settleMs);
    const pids = pidsOf(load.world.system);
    load.world.faultBegins();
    await outage.away(load);
    options.say('away');
    const before = load.publisher.accepted.size;
    await pause(options.outageSeconds * 1000);
    acceptedMeanwhile = load.publisher.accepted.size - before;
    during = await readiness(load.world.system);
    for (const name of outage.unready ?? [])
      if (during[name] !== 503)
        problems.push(`${name} answered ${during[name]} when asked whether it is ready`);
    await outage.back(load);
    load.world.faultIsOver();
    const backAt = performance.now();
    const isReady = async () =>
      Object.values(await readiness(load.world.system)).every((status) => status === 200);
    while (!(await isReady())) {
      if (performance.now() - backAt > readyLimitMs) throw new Error('not ready again within a minute');
      await pause(100);
    }
    readyAfterMs = Math.round(performance.now() - backAt);
    options.say(`all ready again after ${readyAfterMs} ms`);
    for (const [name, pid] of pids) {
      if (name === outage.restarted) continue;
      if (load.world.system.service(name).pid !== pid || !load.world.system.service(name).isAlive)
        problems.push(`${name} did not outlive it`);
    }
    await pause(settleMs);
  });
  if (outage.httpGoesOn === true && acceptedMeanwhile === 0)
    problems.push('nothing was accepted over HTTP meanwhile');
  if (outage.httpRefuses === true && !publisher.statuses.has(503)) problems.push('HTTP has refused nothing');
  const statuses = [...publisher.statuses].map(([status, count]) => `${status}: ${count}`).join(', ');
  return {
    problems: [...problems, ...lossProblems(report), ...delayProblems(report), ...refusalProblems(publisher)],
    figures: {
      ...report,
      acceptedMeanwhile,
      readinessMeanwhile: Object.entries(during)
        .map(([name, status]) => `${name} ${status}`)
        .join(', '),
      readyAfterMs,
      httpRefusals: statuses,
    },
  };
}

const natsUsers: readonly ServiceName[] = ['event-ingest', 'dispatcher'];

export const natsStopped = (options: ChaosOptions): Promise<Outcome> =>
  outage(options, {
    away: ({ world }) => world.system.nats.stop(),
    back: ({ world }) => world.system.nats.restart(),
    unready: natsUsers,
    httpGoesOn: true,
  });

export const natsKilled = (options: ChaosOptions): Promise<Outcome> =>
  outage(options, {
    away: ({ world }) => world.system.nats.kill(),
    back: ({ world }) => world.system.nats.restart(),
    unready: natsUsers,
    httpGoesOn: true,
  });

/** The KV bucket and the lane go with it. Events that only NATS had are lost with it: published over HTTP only. */
export async function natsWiped(options: ChaosOptions): Promise<Outcome> {
  return outage(options, {
    away: async ({ world, publisher }) => {
      publisher.useOnly('http');
      await pause(settleMs);
      await world.system.nats.wipeStore();
    },
    back: async ({ world, publisher }) => {
      await world.system.nats.restart();
      publisher.useOnly(null);
    },
    unready: natsUsers,
    httpGoesOn: true,
  });
}

export const postgresRestarted = (options: ChaosOptions): Promise<Outcome> =>
  outage(
    { ...options, outageSeconds: 0 },
    { away: async ({ world }) => world.system.postgres?.restart(), back: () => Promise.resolve() },
    { ownPostgres: true },
  );

export const postgresAway = (options: ChaosOptions): Promise<Outcome> =>
  outage(
    options,
    {
      away: async ({ world }) => world.system.postgres?.kill(),
      back: async ({ world }) => world.system.postgres?.restart(),
      unready: ['config-api', 'event-ingest', 'dispatcher', 'signer'],
    },
    { ownPostgres: true },
  );

/** Every answer of PostgreSQL half a second late. */
export async function postgresSlow(options: ChaosOptions): Promise<Outcome> {
  const proxy = await startTcpProxy(Number(new URL(await testDatabaseUrl()).port));
  try {
    return await outage(
      options,
      {
        away: () => Promise.resolve(proxy.setDelay(500)),
        back: () => Promise.resolve(proxy.setDelay(0)),
        httpGoesOn: true,
      },
      { databaseUrlOf: (url: string) => proxy.urlFor(url) },
    );
  } finally {
    await proxy.stop();
  }
}

/** Deliveries wait, and no attempt is counted as failed. */
export const signerAway = (options: ChaosOptions): Promise<Outcome> => {
  let failedBefore = 0;
  return outage(options, {
    away: async ({ world }) => {
      failedBefore = await failedUnsigned(world.system);
      await world.system.service('signer').kill('SIGKILL');
    },
    back: async ({ world }) => {
      const failed = (await failedUnsigned(world.system)) - failedBefore;
      if (failed > 0) throw new Error(`${failed} attempts were counted as failed for want of a signature`);
      await world.system.service('signer').restart();
    },
    httpGoesOn: true,
    restarted: 'signer',
  });
};

async function failedUnsigned(system: TestSystem): Promise<number> {
  const rows = await system.database.query<{ n: number }>(
    'SELECT count(*)::int AS n FROM attempts WHERE hub_signature IS NULL',
  );
  return rows[0]?.n ?? 0;
}
