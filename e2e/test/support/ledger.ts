// The oracle of fault tests: what was accepted (HTTP 202, JetStream ack), joined by id with what was received and verifies.
import type { ReceivedRequest } from '@postrider/test-kit';
import type { Customer } from './client.js';
import { verifies } from './verify.js';

export interface LedgerReport {
  readonly accepted: number;
  readonly received: number;
  readonly lost: number;
  readonly duplicates: number;
  readonly unverified: number;
  /** Received, but nobody published it. */
  readonly unknown: number;
}

export class Ledger {
  /** Ids of events whose acceptance was told to the publisher. */
  readonly accepted = new Set<string>();
  /** Ids of all that was tried: what was not told to be accepted may yet have been. */
  private readonly tried = new Set<string>();

  constructor(private readonly customer: Customer) {}

  /** Publishes through both doors in turn; who is refused or cut off tries the same event again, as a good publisher does. */
  publishFor({ seconds, perSecond }: { seconds: number; perSecond: number }): {
    done: Promise<void>;
    isDone: boolean;
  } {
    const progress = { done: Promise.resolve(), isDone: false };
    const run = async () => {
      const pending: Promise<void>[] = [];
      const started = performance.now();
      for (let n = 0; n < seconds * perSecond; n += 1) {
        const wait = started + (n * 1000) / perSecond - performance.now();
        if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
        pending.push(
          this.publishUntilAccepted(
            `e${this.tried.size}-${crypto.randomUUID()}`,
            n % 2 === 0 ? 'nats' : 'http',
          ),
        );
      }
      await Promise.all(pending);
      progress.isDone = true;
    };
    progress.done = run();
    return progress;
  }

  private async publishUntilAccepted(id: string, door: 'nats' | 'http'): Promise<void> {
    this.tried.add(id);
    const topic = 'job.execution.failed';
    const deadline = performance.now() + 20_000;
    while (performance.now() < deadline) {
      try {
        if (door === 'nats') await this.customer.publishOverNats(topic, { Id: id, Data: { id } }, id);
        else if ((await this.post(id, topic)) !== 202) throw new Error('not accepted');
        this.accepted.add(id);
        return;
      } catch {
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    }
  }

  private async post(id: string, topic: string): Promise<number> {
    const { system, path } = this.customer;
    const reply = await system.ingest(
      'POST',
      `${path}/events`,
      { Id: id, Topic: topic, Data: { id } },
      { timeoutMs: 5_000 },
    );
    return reply.status;
  }

  missingIn(requests: readonly ReceivedRequest[], webhook: { SigningSecret: string | null }): string[] {
    const received = new Set(requests.map((request) => request.header('webhook-id')));
    const missing = [...this.accepted].filter((id) => !received.has(id));
    if (missing.length > 0) return missing;
    const verified = new Set(
      requests
        .filter((request) => verifies(request, webhook.SigningSecret ?? ''))
        .map((request) => request.header('webhook-id')),
    );
    return [...this.accepted].filter((id) => !verified.has(id));
  }

  report(requests: readonly ReceivedRequest[], webhook: { SigningSecret: string | null }): LedgerReport {
    const ids = requests.map((request) => request.header('webhook-id') ?? '');
    return {
      accepted: this.accepted.size,
      received: requests.length,
      lost: this.missingIn(requests, webhook).length,
      duplicates: ids.length - new Set(ids).size,
      unverified: requests.filter((request) => !verifies(request, webhook.SigningSecret ?? '')).length,
      unknown: ids.filter((id) => !this.tried.has(id)).length,
    };
  }
}
