// Postrider: the four services as processes, on a PostgreSQL (fsync on) and a NATS of their own.
import { startSystem, type ServiceName, type SystemOptions, type TestSystem } from '@postrider/test-kit';
import type { Contender } from './contender.js';
import { cpuMsOf, cpuMsWithChildren, rssMBOf } from './cpu.js';
import type { Door } from './order.js';
import { atOnce } from './pace.js';
import { sum } from './statistics.js';

export interface Population {
  readonly organizations: readonly string[];
  readonly webhookIds: readonly string[];
}

const serviceNames: readonly ServiceName[] = ['config-api', 'event-ingest', 'dispatcher', 'signer'];
/** Calls of the API at the same time. */
const calls = 16;

/** Without the limits that keep customers from each other: a benchmark has one. */
const unlimited = {
  RATE_LIMIT_EVENTS: '0',
  RATE_LIMIT_PER_KEY: '0',
  RATE_LIMIT_PER_ORGANIZATION: '0',
};

export class Postrider {
  private constructor(
    readonly system: TestSystem,
    private readonly instances: (name: ServiceName) => number,
  ) {}

  static async start(options: SystemOptions = {}): Promise<Postrider> {
    const system = await startSystem({
      ...options,
      ownPostgres: true,
      env: { ...unlimited, ...options.env },
    });
    return new Postrider(system, (name) => options.instances?.[name] ?? 1);
  }

  /** Organizations, each with one webhook per URL of its list. */
  async populate(urlsOfEach: readonly (readonly string[])[]): Promise<Population> {
    const organizations: string[] = [];
    const webhookIds: string[] = [];
    const wanted: { organization: string; url: string }[] = [];
    await atOnce(urlsOfEach.length, calls, async (n) => {
      const organization = await this.create('/v1/organizations', { Name: `Bench ${n}` });
      organizations.push(organization);
      for (const url of urlsOfEach[n] ?? []) wanted.push({ organization, url });
    });
    await atOnce(wanted.length, calls, async (n) => {
      const { organization = '', url } = wanted[n] ?? {};
      const path = `/v1/organizations/${organization}/webhooks`;
      webhookIds.push(await this.create(path, { Url: url, Topics: ['*'] }));
    });
    return { organizations, webhookIds };
  }

  private async create(path: string, body: unknown): Promise<string> {
    const reply = await this.system.api('POST', path, body);
    if (reply.status !== 201) throw new Error(`POST ${path}: ${reply.status} ${reply.text}`);
    return (reply.body as { Id: string }).Id;
  }

  natsDoor({ organizations }: Population): Door {
    return { kind: 'nats', natsUrl: this.system.nats.urlFor('publisher'), organizations };
  }

  httpDoor({ organizations }: Population): Door {
    return { kind: 'http', ingestUrl: this.system.ingestUrl, key: this.system.adminApiKey, organizations };
  }

  pids(name: ServiceName): number[] {
    return Array.from({ length: this.instances(name) }, (_, n) => this.system.service(name, n).pid);
  }

  rssMB(): Record<string, number> {
    return Object.fromEntries(serviceNames.map((name) => [name, Math.max(...this.pids(name).map(rssMBOf))]));
  }

  cpuMs(): Record<string, number> {
    const services = serviceNames.map((name) => [name, sum(this.pids(name).map(cpuMsOf))] as const);
    return {
      ...Object.fromEntries(services),
      postgres: cpuMsWithChildren(this.system.postgres?.pid ?? 0),
      nats: cpuMsOf(this.system.nats.pid),
    };
  }

  as(population: Population, door = this.natsDoor(population)): Contender {
    return {
      title: 'Postrider',
      door,
      cpuMs: () => this.cpuMs(),
      rssMB: () => this.rssMB(),
      isIdle: () => this.hasNothingPending(population),
    };
  }

  /** Index: deliveries_due; what is done is no longer in it, so that asking costs little. */
  private async hasNothingPending({ webhookIds }: Population): Promise<boolean> {
    const rows = await this.system.database.query(
      `SELECT 1 FROM deliveries WHERE status = 'Pending' AND webhook_id = ANY($1::uuid[]) LIMIT 1`,
      [webhookIds],
    );
    return rows.length === 0;
  }

  /** Stops at once what has a million deliveries to go: there is nothing to keep. */
  async stop(): Promise<void> {
    for (const pid of serviceNames.flatMap((name) => this.pids(name))) kill(pid);
    await this.system.stop();
  }
}

function kill(pid: number): void {
  try {
    if (pid > 0) process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
