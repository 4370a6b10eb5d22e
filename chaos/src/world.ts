// A system, its customers and their receivers: what every scenario plays in.
import type { Organization, WebhookWithSecret } from '@postrider/contracts';
import {
  startSystem,
  type Reply,
  type SystemOptions,
  type TestDatabase,
  type TestSystem,
} from '@postrider/test-kit';
import { Chance } from './random.js';
import type { Kind } from './receiver-messages.js';
import { Zoo } from './zoo.js';

export interface Customer {
  readonly organizationId: string;
  readonly webhookIds: readonly string[];
}

/** The kinds of webhook of each organization. */
export type Population = readonly (readonly Kind[])[];

/** Of 20 webhooks, 2 hang (10 %) and 1 fails (5 %); one is slow, one flaky, one resets connections. */
export const mixed: Population = [
  ['healthy', 'healthy'],
  ['healthy', 'hanging'],
  ['healthy', 'failing'],
  ['healthy', 'slow'],
  ['healthy', 'flaky'],
  ['healthy', 'resetting'],
  ['healthy', 'healthy'],
  ['healthy', 'hanging'],
  ['healthy', 'healthy'],
  ['healthy', 'healthy'],
];

/** Of the webhooks that `populate` makes unless told. */
export const timeoutSeconds = 2;

/** What load and judgement need of a system. */
export interface Playground {
  readonly database: Pick<TestDatabase, 'query'>;
  api(method: string, path: string, body?: unknown): Promise<Reply>;
  ingest(method: string, path: string, body?: unknown, options?: { timeoutMs?: number }): Promise<Reply>;
  publish(organizationId: string, topic: string, event: unknown, eventId: string): Promise<unknown>;
  stop(): Promise<void>;
}

export interface Fault {
  readonly beganAt: number;
  overAt: number;
}

export class World<System extends Playground = TestSystem> {
  readonly customers: Customer[] = [];
  /** Epoch ms, in order. */
  readonly faults: Fault[] = [];

  private constructor(
    readonly system: System,
    readonly zoo: Zoo,
    readonly chance: Chance,
  ) {}

  static async open(seed: number, options: SystemOptions = {}): Promise<World> {
    return World.of(await startSystem(options), seed);
  }

  /** Takes the system over: it is stopped with the world. */
  static async of<System extends Playground>(system: System, seed: number): Promise<World<System>> {
    const chance = new Chance(seed);
    try {
      return new World(system, await Zoo.open(chance), chance);
    } catch (error) {
      await system.stop();
      throw error;
    }
  }

  /** `settings` of each webhook: by default short timeouts (a short lease) and a short schedule. */
  async populate(population: Population, settings: Record<string, unknown> = {}): Promise<void> {
    for (const kinds of population) {
      const { Id } = await this.create<Organization>('/v1/organizations', { Name: 'Chaos' });
      const webhookIds: string[] = [];
      for (const kind of kinds) {
        const webhook = await this.create<WebhookWithSecret>(`/v1/organizations/${Id}/webhooks`, {
          Url: this.zoo.urlOf(kind),
          Topics: ['*'],
          TimeoutSeconds: timeoutSeconds,
          RetrySchedule: [1, 2, 2],
          ...settings,
        });
        this.zoo.add(webhook, kind);
        webhookIds.push(webhook.Id);
      }
      this.customers.push({ organizationId: Id, webhookIds });
    }
  }

  /** Something is being taken away. */
  faultBegins(): void {
    this.faults.push({ beganAt: Date.now(), overAt: Infinity });
  }

  /** What was taken away is there again. */
  faultIsOver(): void {
    const fault = this.faults.at(-1);
    if (fault !== undefined) fault.overAt = Date.now();
  }

  private async create<T>(path: string, body: unknown): Promise<T> {
    const reply = await this.system.api('POST', path, body);
    if (reply.status !== 201) throw new Error(`POST ${path}: ${reply.status} ${reply.text}`);
    return reply.body as T;
  }

  async close(): Promise<void> {
    await this.system.stop().finally(() => this.zoo.close());
  }
}
