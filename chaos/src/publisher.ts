// The ledger and who writes it: events published at a rate through both doors, each tried again until it is accepted, as
// a good publisher does. What was told to be accepted (202, JetStream's ack) stands in the ledger.
import { randomUUID } from 'node:crypto';
import type { Customer, World } from './world.js';

export interface Accepted {
  readonly customer: Customer;
  /** Epoch ms. */
  readonly at: number;
}

const topic = 'job.execution.failed';
const firstPauseMs = 100;
const longestPauseMs = 2_000;
const giveUpMs = 120_000;
/** Beyond, a rate that the machine can't keep would only fill memory. */
const maxWaiting = 1_000;

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
  private readonly waiting = new Set<Promise<void>>();
  private onlyDoor: Door | null = null;
  private stopped = false;
  private loop: Promise<void> = Promise.resolve();
  private count = 0;

  constructor(
    private readonly world: World,
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
    await Promise.all(this.waiting);
  }

  private async publish(): Promise<void> {
    const startedMs = performance.now();
    while (!this.stopped) {
      const due = ((performance.now() - startedMs) * this.ratePerSecond) / 1000;
      while (this.count < due && this.waiting.size < maxWaiting) this.one(this.count++);
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
      const promise = this.untilAccepted(id, customer, door);
      this.waiting.add(promise);
      void promise.finally(() => this.waiting.delete(promise));
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
      const { status } = await system.ingest('POST', path, { ...event, Topic: topic }, { timeoutMs: 15_000 });
      if (status !== 202) this.statuses.set(status, (this.statuses.get(status) ?? 0) + 1);
      return status === 202;
    } catch {
      if (door === 'http') this.statuses.set(0, (this.statuses.get(0) ?? 0) + 1);
      return false;
    }
  }
}
