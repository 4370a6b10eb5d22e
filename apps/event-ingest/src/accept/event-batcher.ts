// Gathers what single requests bring into batches: a commit costs the same for one event and for fifty. Flushes at once
// when idle, so a lone event waits for nothing; while commits are under way, what arrives goes with the next one.
import { ProblemError } from '@postrider/contracts';
import type { AcceptOutcome, IncomingEvent } from '../shared/event.js';

export interface BatcherOptions {
  readonly maxEvents: number;
  readonly maxBytes: number;
  /** Batches at most that are accepted at the same time. */
  readonly parallel: number;
  /** What waits beyond this is turned away: PostgreSQL is behind, and memory is not for ever. */
  readonly maxWaitingBytes: number;
  readonly accept: (events: readonly IncomingEvent[]) => Promise<AcceptOutcome[]>;
}

interface Waiting {
  readonly event: IncomingEvent;
  readonly bytes: number;
  readonly resolve: (outcome: AcceptOutcome) => void;
  readonly reject: (error: unknown) => void;
}

/** What an event costs in memory besides its texts. */
const eventOverheadBytes = 512;

export class EventBatcher {
  private waiting: Waiting[] = [];
  private waitingBytes = 0;
  private running = 0;
  private scheduled = false;

  constructor(private readonly options: BatcherOptions) {}

  /** Resolves when the event is committed; rejects as `accept` does for its batch, or with `unavailable` when full. */
  async accept(event: IncomingEvent): Promise<AcceptOutcome> {
    if (this.waitingBytes > this.options.maxWaitingBytes) {
      throw new ProblemError(
        'unavailable',
        'more events come in than can be kept: try again in a moment',
        [],
        {
          'Retry-After': '2',
        },
      );
    }
    return new Promise((resolve, reject) => {
      const bytes = eventOverheadBytes + event.data.length + (event.previousData?.length ?? 0);
      this.waiting.push({ event, bytes, resolve, reject });
      this.waitingBytes += bytes;
      this.schedule();
    });
  }

  private schedule(): void {
    if (this.scheduled || this.running >= this.options.parallel) return;
    this.scheduled = true;
    // What has arrived in this turn of the event loop goes together.
    setImmediate(() => {
      this.scheduled = false;
      while (this.waiting.length > 0 && this.running < this.options.parallel) void this.run(this.take());
    });
  }

  private take(): Waiting[] {
    let bytes = 0;
    let count = 0;
    while (count < this.waiting.length && count < this.options.maxEvents) {
      const next = this.waiting[count]?.bytes ?? 0;
      if (count > 0 && bytes + next > this.options.maxBytes) break;
      bytes += next;
      count += 1;
    }
    this.waitingBytes -= bytes;
    if (count < this.waiting.length) return this.waiting.splice(0, count);
    const all = this.waiting;
    this.waiting = [];
    return all;
  }

  private async run(batch: readonly Waiting[]): Promise<void> {
    this.running += 1;
    try {
      const outcomes = await this.options.accept(batch.map(({ event }) => event));
      for (const [index, { resolve, reject }] of batch.entries()) {
        const outcome = outcomes[index];
        if (outcome === undefined) reject(new Error('a batch answered fewer outcomes than it had events'));
        else resolve(outcome);
      }
    } catch (error) {
      for (const { reject } of batch) reject(error);
    } finally {
      this.running -= 1;
      this.schedule();
    }
  }
}
