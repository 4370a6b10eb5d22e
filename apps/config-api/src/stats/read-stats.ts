import { durationBucketsMs, histogramQuantile, type DeliveryStatus, type Stats } from '@postrider/contracts';
import { idRange } from '@postrider/database';
import type { Pool } from 'pg';
import { chooseBuckets, type BucketScale } from './buckets.policy.js';

export interface StatsRange {
  readonly organizationId: string;
  /** null: all webhooks of the organization. */
  readonly webhookId: string | null;
  /** Epoch ms, both inclusive. */
  readonly fromMs: number;
  readonly toMs: number;
}

/** Figures of a range: deliveries by the time they were created, attempts by the minute in which they ended. */
export async function readStats(pool: Pool, range: StatsRange): Promise<Stats> {
  const scale = chooseBuckets(range.fromMs, range.toMs);
  const [deliveries, oldestPendingAt, counts, durations] = await Promise.all([
    countDeliveries(pool, range),
    findOldestPending(pool, range),
    countAttempts(pool, range, scale),
    sumDurations(pool, range, scale),
  ]);
  const succeeded = sum([...counts.values()].map((count) => count.succeeded));
  const failed = sum([...counts.values()].map((count) => count.failed));
  return {
    From: range.fromMs,
    To: range.toMs,
    Deliveries: deliveries,
    Attempts: succeeded + failed,
    SuccessRate: succeeded + failed === 0 ? null : succeeded / (succeeded + failed),
    DurationMs: quantiles(addHistograms([...durations.values()])),
    OldestPendingAt: oldestPendingAt,
    Buckets: Array.from({ length: scale.count }, (_, index) => {
      const at = scale.firstAt + index * scale.widthMs;
      return {
        At: at,
        Succeeded: counts.get(at)?.succeeded ?? 0,
        Failed: counts.get(at)?.failed ?? 0,
        ...quantiles(durations.get(at) ?? []),
      };
    }),
  };
}

/** Index: the primary key (organization_id, id), or deliveries_log (webhook_id, id). */
async function countDeliveries(pool: Pool, range: StatsRange): Promise<Stats['Deliveries']> {
  const result = await pool.query<{ status: DeliveryStatus; count: number }>(
    `SELECT status, count(*) AS count FROM deliveries
     WHERE organization_id = $1 AND id >= $2 AND id <= $3 AND ($4::uuid IS NULL OR webhook_id = $4)
     GROUP BY status`,
    [
      range.organizationId,
      idRange(range.fromMs, range.fromMs).first,
      idRange(range.toMs, range.toMs).last,
      range.webhookId,
    ],
  );
  const counts = { Pending: 0, Held: 0, Succeeded: 0, Failed: 0, Cancelled: 0 };
  for (const row of result.rows) counts[row.status] = row.count;
  return counts;
}

/**
 * When the oldest delivery that still waits was created, of any time. The minimum is taken over an expression, so that
 * the planner reads what is pending (index: deliveries_due) and does not walk the log from its start.
 */
async function findOldestPending(pool: Pool, range: StatsRange): Promise<number | null> {
  const result = await pool.query<{ at: number | null }>(
    `SELECT min(uuid_v7_ms(id)) AS at FROM deliveries
     WHERE status = 'Pending' AND organization_id = $1
       AND webhook_id = ANY(ARRAY(SELECT id FROM webhooks WHERE organization_id = $1 AND ($2::uuid IS NULL OR id = $2)))`,
    [range.organizationId, range.webhookId],
  );
  return result.rows[0]?.at ?? null;
}

const minutesOfRange = `webhook_minutes
  WHERE organization_id = $1 AND minute >= $2 AND minute <= $3 AND ($4::uuid IS NULL OR webhook_id = $4)`;

function minuteParameters(range: StatsRange, scale: BucketScale): unknown[] {
  const firstMinute = Math.floor(range.fromMs / 60_000) * 60_000;
  return [range.organizationId, firstMinute, range.toMs, range.webhookId, scale.widthMs];
}

/** Index: webhook_minutes_organization (organization_id, minute). */
async function countAttempts(
  pool: Pool,
  range: StatsRange,
  scale: BucketScale,
): Promise<Map<number, { readonly succeeded: number; readonly failed: number }>> {
  const result = await pool.query<{ at: number; succeeded: number; failed: number }>(
    `SELECT minute / $5 * $5 AS at, sum(succeeded) AS succeeded, sum(failed) AS failed
     FROM ${minutesOfRange} GROUP BY 1`,
    minuteParameters(range, scale),
  );
  return new Map(result.rows.map((row) => [row.at, { succeeded: row.succeeded, failed: row.failed }]));
}

/** Histograms by bucket; only the places that are not empty travel. */
async function sumDurations(
  pool: Pool,
  range: StatsRange,
  scale: BucketScale,
): Promise<Map<number, number[]>> {
  const result = await pool.query<{ at: number; place: number; count: number }>(
    `SELECT minute / $5 * $5 AS at, place - 1 AS place, sum(count) AS count
     FROM (SELECT minute, durations FROM ${minutesOfRange}) AS minutes,
       unnest(durations) WITH ORDINALITY AS places (count, place)
     WHERE count > 0 GROUP BY 1, 2`,
    minuteParameters(range, scale),
  );
  const histograms = new Map<number, number[]>();
  for (const { at, place, count } of result.rows) {
    const histogram = histograms.get(at) ?? emptyHistogram();
    histogram[place] = count;
    histograms.set(at, histogram);
  }
  return histograms;
}

function emptyHistogram(): number[] {
  return Array.from({ length: durationBucketsMs.length + 1 }, () => 0);
}

function addHistograms(histograms: readonly (readonly number[])[]): number[] {
  return emptyHistogram().map((_, place) => sum(histograms.map((histogram) => histogram[place] ?? 0)));
}

function quantiles(histogram: readonly number[]): Stats['DurationMs'] {
  return {
    P50: histogramQuantile(histogram, 0.5),
    P95: histogramQuantile(histogram, 0.95),
    P99: histogramQuantile(histogram, 0.99),
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
