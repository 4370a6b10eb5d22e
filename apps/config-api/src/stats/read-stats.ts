import { histogramQuantile, lagBucketsMs, type DeliveryStatus, type Stats } from '@postrider/contracts';
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
  const [deliveries, oldestPendingAt, [counts, histograms]] = await Promise.all([
    countDeliveries(pool, range),
    findOldestPending(pool, range),
    countAttempts(pool, range, scale).then(
      async (found) => [found, await sumHistograms(pool, range, scale, found)] as const,
    ),
  ]);
  const succeeded = sum([...counts.values()].map((count) => count.succeeded));
  const failed = sum([...counts.values()].map((count) => count.failed));
  const all = addHistograms([...histograms.values()]);
  return {
    From: range.fromMs,
    To: range.toMs,
    Deliveries: deliveries,
    Attempts: succeeded + failed,
    SuccessRate: succeeded + failed === 0 ? null : succeeded / (succeeded + failed),
    DurationMs: quantiles(all.durations),
    LagMs: quantiles(all.lags),
    OldestPendingAt: oldestPendingAt,
    Buckets: Array.from({ length: scale.count }, (_, index) => {
      const at = scale.firstAt + index * scale.widthMs;
      return {
        At: at,
        Succeeded: counts.get(at)?.succeeded ?? 0,
        Failed: counts.get(at)?.failed ?? 0,
        ...quantiles(histograms.get(at)?.durations ?? []),
        LagMs: quantiles(histograms.get(at)?.lags ?? []),
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

interface Counts {
  readonly succeeded: number;
  readonly failed: number;
  /** Rows: minutes in which a webhook was tried. */
  readonly minutes: number;
}

/** Index: webhook_minutes_organization (organization_id, minute), or the primary key (webhook_id, minute). */
async function countAttempts(
  pool: Pool,
  range: StatsRange,
  scale: BucketScale,
): Promise<ReadonlyMap<number, Counts>> {
  const result = await pool.query<Counts & { at: number }>(
    `SELECT minute / $5 * $5 AS at, sum(succeeded) AS succeeded, sum(failed) AS failed, count(*) AS minutes
     FROM ${minutesOfRange} GROUP BY 1`,
    minuteParameters(range, scale),
  );
  return new Map(result.rows.map(({ at, ...counts }) => [at, counts]));
}

interface Histograms {
  readonly durations: number[];
  readonly lags: number[];
}

/**
 * Of how many minutes of webhooks a bucket's histograms are read at most, about. To unfold one takes PostgreSQL 40 µs: a
 * week of twenty busy webhooks took 11 s as a whole, and takes 1.2 s as a sample.
 */
const sampledMinutes = 100;

/** Histograms by bucket, of a bucket with many minutes from every nth of them; only places that are not empty travel. */
async function sumHistograms(
  pool: Pool,
  range: StatsRange,
  scale: BucketScale,
  counts: ReadonlyMap<number, Counts>,
): Promise<ReadonlyMap<number, Histograms>> {
  const steps = [...counts.values()].map(({ minutes }) => Math.ceil(minutes / sampledMinutes));
  // By a hash, since jobs run at round minutes; the same ones each time, so that a chart does not flicker.
  const result = await pool.query<{ at: number; place: number; durations: number; lags: number }>(
    `WITH sample AS MATERIALIZED (
       SELECT at, step, durations, lags
       FROM (SELECT minute / $5 * $5 AS at, minute, webhook_id, durations, lags FROM ${minutesOfRange}) AS minutes
       JOIN unnest($6::bigint[], $7::bigint[]) AS steps (at, step) USING (at)
       WHERE (hashint8(minute)::bigint + uuid_hash(webhook_id)) % step = 0)
     SELECT at, place - 1 AS place,
       coalesce(sum(duration * step), 0)::bigint AS durations, coalesce(sum(lag * step), 0)::bigint AS lags
     FROM sample, unnest(durations, lags) WITH ORDINALITY AS places (duration, lag, place)
     WHERE duration > 0 OR lag > 0 GROUP BY 1, 2`,
    [...minuteParameters(range, scale), [...counts.keys()], steps],
  );
  const histograms = new Map<number, Histograms>();
  for (const { at, place, durations, lags } of result.rows) {
    const histogram = histograms.get(at) ?? emptyHistograms();
    histogram.durations[place] = durations;
    histogram.lags[place] = lags;
    histograms.set(at, histogram);
  }
  return histograms;
}

/** As long as the longer of the two: empty places at the end of the other change no quantile. */
function emptyHistograms(): Histograms {
  const places = lagBucketsMs.length + 1;
  return { durations: new Array<number>(places).fill(0), lags: new Array<number>(places).fill(0) };
}

function addHistograms(histograms: readonly Histograms[]): Histograms {
  const total = emptyHistograms();
  for (const { durations, lags } of histograms) {
    durations.forEach((count, place) => (total.durations[place] = (total.durations[place] ?? 0) + count));
    lags.forEach((count, place) => (total.lags[place] = (total.lags[place] ?? 0) + count));
  }
  return total;
}

/** The bounds of durations are the first ones of those of lags. */
function quantiles(histogram: readonly number[]): Stats['DurationMs'] {
  return {
    P50: histogramQuantile(histogram, 0.5, lagBucketsMs),
    P95: histogramQuantile(histogram, 0.95, lagBucketsMs),
    P99: histogramQuantile(histogram, 0.99, lagBucketsMs),
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
