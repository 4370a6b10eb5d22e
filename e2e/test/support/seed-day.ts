// A day of traffic as the counters tell it, for charts that show something: to deliver as much would take a day.
import { durationBucket, lagBucketsMs } from '@postrider/contracts';
import type { TestDatabase } from '@postrider/test-kit';

const minuteMs = 60_000;

/** Per webhook and every third minute: quick by night, busy by day, and an hour in which every third attempt failed. */
export async function seedDay(
  database: TestDatabase,
  organizationId: string,
  webhookIds: readonly string[],
): Promise<void> {
  const now = Math.floor(Date.now() / minuteMs) * minuteMs;
  const rows = webhookIds.flatMap((webhookId, webhook) =>
    Array.from({ length: 475 }, (_, index) => {
      const ago = 15 + index * 3;
      const attempts = Math.round(14 * (1.3 + Math.sin(ago / 230)) + ((ago * 37) % 7));
      const failed =
        webhook === 0 && ago > 300 && ago < 360 ? Math.round(attempts / 3) : ago % 97 === 0 ? 1 : 0;
      const durations = Array.from({ length: attempts }, (__, n) => durationOf(ago, n));
      const lags = durations.slice(failed).map((ms, n) => ms + 3 + (n < failed ? 5_000 + n * 300 : 0));
      const at = now - ago * minuteMs;
      return [webhookId, at, attempts - failed, failed, histogram(durations), histogram(lags)] as const;
    }),
  );
  await database.query(
    `INSERT INTO webhook_minutes (webhook_id, minute, organization_id, succeeded, failed, durations, lags)
     SELECT webhook_id, minute, $1, succeeded, failed, durations::integer[], lags::integer[]
     FROM unnest($2::uuid[], $3::bigint[], $4::integer[], $5::integer[], $6::text[], $7::text[])
       AS rows (webhook_id, minute, succeeded, failed, durations, lags)`,
    [organizationId, ...[0, 1, 2, 3, 4, 5].map((column) => rows.map((row) => row[column]))],
  );
}

/** Some 20 to 60 ms, one in thirty some hundreds. */
function durationOf(ago: number, n: number): number {
  const spread = (ago * 13 + n * 29) % 40;
  return 20 + spread + (n % 30 === 7 ? 120 + ((ago * 7) % 90) : 0);
}

/** As text of an array: `{0,3,1}`. */
function histogram(values: readonly number[]): string {
  const counts: number[] = [];
  for (const ms of values) {
    const bucket = durationBucket(ms, lagBucketsMs);
    while (counts.length <= bucket) counts.push(0);
    counts[bucket] = (counts[bucket] ?? 0) + 1;
  }
  return `{${counts.join(',')}}`;
}
