// A system, its customers and their receivers: what every scenario plays in.
import type { Organization, WebhookWithSecret } from '@postrider/contracts';
import { startSystem, type SystemOptions, type TestSystem } from '@postrider/test-kit';
import { Chance } from './random.js';
import { Zoo, type Kind } from './zoo.js';

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

export class World {
  readonly customers: Customer[] = [];

  private constructor(
    readonly system: TestSystem,
    readonly zoo: Zoo,
    readonly chance: Chance,
  ) {}

  static async open(seed: number, options: SystemOptions = {}): Promise<World> {
    const chance = new Chance(seed);
    const zoo = await Zoo.open(chance);
    try {
      return new World(await startSystem(options), zoo, chance);
    } catch (error) {
      await zoo.close();
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
          TimeoutSeconds: 2,
          RetrySchedule: [1, 2, 2],
          ...settings,
        });
        this.zoo.add(webhook, kind);
        webhookIds.push(webhook.Id);
      }
      this.customers.push({ organizationId: Id, webhookIds });
    }
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
