// Counters and histograms per webhook and minute, for the charts: of durations, and of the time from event to receipt.
// Gathered here and written at most once a second (at once after a quiet second), so that they cost next to nothing per
// attempt; a crash loses that second.
import { durationBucket, durationBucketsMs, lagBucketsMs } from '@postrider/contracts';
import { arrayParam, idMs, textArrayParam } from '@postrider/database';
import type { Pool } from 'pg';
import { hasSucceeded, type AttemptOutcome } from './outcome.js';

interface MinuteCounts {
  readonly webhookId: string;
  readonly organizationId: string;
  succeeded: number;
  failed: number;
  readonly durations: number[];
  /** Only as long as the longest lag makes it: few are beyond a second, and most buckets are. */
  readonly lags: number[];
}

const text = `
INSERT INTO webhook_minutes AS m (webhook_id, organization_id, minute, succeeded, failed, durations, lags)
SELECT w.webhook_id, w.organization_id, now_ms() / 60000 * 60000, w.succeeded, w.failed,
  w.durations::integer[], w.lags::integer[]
FROM unnest($1::uuid[], $2::uuid[], $3::integer[], $4::integer[], $5::text[], $6::text[])
  AS w(webhook_id, organization_id, succeeded, failed, durations, lags)
ON CONFLICT (webhook_id, minute) DO UPDATE SET
  succeeded = m.succeeded + excluded.succeeded, failed = m.failed + excluded.failed,
  durations = add_counts(m.durations, excluded.durations), lags = add_counts(m.lags, excluded.lags)`;

const intervalMs = 1_000;
const quietDelayMs = 10;

export class MinuteTally {
  private counts = new Map<string, MinuteCounts>();
  private timer: NodeJS.Timeout | null = null;
  private writing: Promise<void> | null = null;
  private lastWriteMs = 0;

  constructor(
    private readonly pool: Pool,
    /** How far the database's clock, which an event's acceptance is told by, is ahead of this machine's, in ms. */
    private readonly clockOffsetMs: () => number,
    private readonly onError: (error: unknown) => void,
  ) {}

  add(outcome: AttemptOutcome): void {
    const counts = this.of(outcome);
    if (hasSucceeded(outcome)) counts.succeeded += 1;
    else counts.failed += 1;
    const bucket = durationBucket(outcome.durationMs);
    counts.durations[bucket] = (counts.durations[bucket] ?? 0) + 1;
    if (isReceiptByItself(outcome)) addLag(counts.lags, this.lagMsOf(outcome));
    this.schedule();
  }

  private lagMsOf({ deliveryId, startedAt, durationMs }: AttemptOutcome): number {
    return startedAt + durationMs + this.clockOffsetMs() - idMs(deliveryId);
  }

  private of({ webhookId, organizationId }: AttemptOutcome): MinuteCounts {
    let counts = this.counts.get(webhookId);
    if (counts === undefined) {
      const durations = new Array<number>(durationBucketsMs.length + 1).fill(0);
      counts = { webhookId, organizationId, succeeded: 0, failed: 0, durations, lags: [] };
      this.counts.set(webhookId, counts);
    }
    return counts;
  }

  private schedule(): void {
    if (this.timer !== null || this.writing !== null) return;
    const sinceMs = performance.now() - this.lastWriteMs;
    this.timer = setTimeout(() => void this.write(), Math.max(quietDelayMs, intervalMs - sinceMs));
  }

  /** Writes what has gathered. What fails is lost but for the log: these are figures, not deliveries. */
  private async write(): Promise<void> {
    this.timer = null;
    if (this.counts.size === 0) return;
    // Sorted, so that two dispatchers lock the rows in the same order.
    const rows = [...this.counts.values()].sort((a, b) => (a.webhookId < b.webhookId ? -1 : 1));
    this.counts = new Map();
    this.writing = this.insert(rows).catch(this.onError);
    await this.writing;
    this.writing = null;
    this.lastWriteMs = performance.now();
    if (this.counts.size > 0) this.schedule();
  }

  private async insert(rows: readonly MinuteCounts[]): Promise<void> {
    await this.pool.query({
      name: 'write-minute-counters',
      text,
      values: [
        arrayParam(rows.map((row) => row.webhookId)),
        arrayParam(rows.map((row) => row.organizationId)),
        arrayParam(rows.map((row) => row.succeeded)),
        arrayParam(rows.map((row) => row.failed)),
        textArrayParam(rows.map((row) => arrayParam(row.durations))),
        textArrayParam(rows.map((row) => arrayParam(row.lags))),
      ],
    });
  }

  /** Writes the last counts. */
  async close(): Promise<void> {
    if (this.timer !== null) clearTimeout(this.timer);
    await this.writing;
    await this.write();
  }
}

/** What a person asked for later, or to see whether it works, says nothing about how long events wait. */
function isReceiptByItself(outcome: AttemptOutcome): boolean {
  return hasSucceeded(outcome) && (outcome.trigger === 'event' || outcome.trigger === 'retry');
}

function addLag(lags: number[], lagMs: number): void {
  const bucket = durationBucket(lagMs, lagBucketsMs);
  while (lags.length <= bucket) lags.push(0);
  lags[bucket] = (lags[bucket] ?? 0) + 1;
}
