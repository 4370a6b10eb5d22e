// The ledger and who writes it: events published at a rate through both doors, each tried again until it is accepted, as
// a good publisher does. What was told to be accepted (202, JetStream's ack) stands in the ledger.
import { randomUUID } from 'node:crypto';
import type { Customer, Playground, World } from './world.js';

export interface Accepted {
  readonly customer: Customer;
  /** Epoch ms. */
  readonly at: number;
}

const topic = 'job.execution.failed';
const firstPauseMs = 100;
const longestPauseMs = 2_000;
const giveUpMs = 120_000;
/** At one door. Beyond, whoever would publish there is left out: a herd of our own making says nothing of Postrider. */
const maxWaiting = 300;

export interface PublisherOptions {
  /** Whose the nth event is; default: in turns. */
  readonly customerOf?: (n: number) => Customer | undefined;
  /** How often each event is published, through one door and the other; default once. */
  readonly times?: number;
}

export type Door = 'http' | 'nats';

export class Publisher {
  readonly accepted = new Map<string, Accepted>();
  /** Answers other than 202, and acks that did not come. */
  refusals = 0;
  /** Refusals of the HTTP door by status; 0: no answer. */
  readonly statuses = new Map<number, number>();
  /** Of them, those that were no 503 with Retry-After, by what they were instead. */
  readonly refusedOtherwise = new Map<string, number>();
  private readonly waiting = { http: new Set<Promise<void>>(), nats: new Set<Promise<void>>() };
  private onlyDoor: Door | null = null;
  private stopped = false;
  private loop: Promise<void> = Promise.resolve();
  private count = 0;

  constructor(
    private readonly world: World<Playground>,
    private readonly ratePerSecond: number,
    private readonly options: PublisherOptions = {},
  ) {}

  start(): void {
    this.loop = this.publish();
  }

  /** From now on; null: all doors again. */
  useOnly(door: Door | null): void {
    this.onlyDoor = door;
  }

  /** Resolves when all that was begun is accepted or given up. */
  async stop(): Promise<void> {
    this.stopped = true;
    await this.loop;
    await Promise.all([...this.waiting.http, ...this.waiting.nats]);
  }

  private async publish(): Promise<void> {
    const startedMs = performance.now();
    while (!this.stopped) {
      const due = ((performance.now() - startedMs) * this.ratePerSecond) / 1000;
      while (this.count < due) this.one(this.count++);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  private one(n: number): void {
    const { customers } = this.world;
    const { customerOf = (at) => customers[at % customers.length], times = 1 } = this.options;
    const customer = customerOf(n);
    if (customer === undefined) return;
    const id = `c${n}-${randomUUID()}`;
    for (let time = 0; time < times; time += 1) {
      const door = this.onlyDoor ?? ((n + time) % 2 === 0 ? 'nats' : 'http');
      const waiting = this.waiting[door];
      if (waiting.size >= maxWaiting) continue;
      const promise = this.untilAccepted(id, customer, door);
      waiting.add(promise);
      void promise.finally(() => waiting.delete(promise));
    }
  }

  private async untilAccepted(id: string, customer: Customer, door: Door): Promise<void> {
    const giveUpAt = performance.now() + giveUpMs;
    for (
      let pauseMs = firstPauseMs;
      performance.now() < giveUpAt;
      pauseMs = Math.min(longestPauseMs, pauseMs * 2)
    ) {
      if (await this.isAccepted(id, customer, door)) {
        this.accepted.set(id, { customer, at: Date.now() });
        return;
      }
      this.refusals += 1;
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  }

  private async isAccepted(id: string, { organizationId }: Customer, door: Door): Promise<boolean> {
    const { system } = this.world;
    const event = { Id: id, Data: { id, State: 'failed' } };
    try {
      if (door === 'nats') {
        await system.publish(organizationId, topic, event, id);
        return true;
      }
      const path = `/v1/organizations/${organizationId}/events`;
      const body = { ...event, Topic: topic };
      const { status, headers } = await system.ingest('POST', path, body, { timeoutMs: 15_000 });
      if (status === 202) return true;
      count(this.statuses, status);
      const isProper = status === 503 && Number(headers['retry-after']) > 0;
      if (!isProper) count(this.refusedOtherwise, `${status}${status === 503 ? ' without Retry-After' : ''}`);
      return false;
    } catch (error) {
      if (door === 'http') {
        count(this.statuses, 0);
        count(this.refusedOtherwise, error instanceof Error ? error.message : String(error));
      }
      return false;
    }
  }
}

function count<K>(counts: Map<K, number>, key: K): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
