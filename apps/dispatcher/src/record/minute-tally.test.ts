import { expect, test } from '@jest/globals';
import { durationBucket, durationBucketsMs, histogramQuantile, lagBucketsMs } from '@postrider/contracts';
import { newId } from '@postrider/database';
import { waitFor } from '@postrider/test-kit';
import { organizationId } from '../../test/makers.js';
import { sqlStage } from '../../test/sql-stage.js';
import { MinuteTally } from './minute-tally.js';
import type { AttemptOutcome } from './outcome.js';

const stage = sqlStage();

interface Minute {
  readonly minute: number;
  readonly organization_id: string;
  readonly succeeded: number;
  readonly failed: number;
  readonly durations: number[];
  readonly lags: number[] | null;
}

const minutesOf = (webhookId: string): Promise<Minute[]> =>
  stage.database.query<Minute>('SELECT * FROM webhook_minutes WHERE webhook_id = $1 ORDER BY minute', [
    webhookId,
  ]);
const outcome = (
  webhookId: string,
  durationMs: number,
  errorCode: AttemptOutcome['errorCode'] = null,
  more: Partial<AttemptOutcome> = {},
) =>
  ({
    webhookId,
    organizationId,
    deliveryId: newId(acceptedMs),
    startedAt: acceptedMs + 3,
    durationMs,
    errorCode,
    trigger: 'event',
    ...more,
  }) as AttemptOutcome;
const sum = (minutes: readonly Minute[], of: (minute: Minute) => number): number =>
  minutes.reduce((total, minute) => total + of(minute), 0);
const acceptedMs = 1_700_000_000_000;
const tallyOf = (clockOffsetMs = 0) => new MinuteTally(stage.pool, () => clockOffsetMs, failOnError);
const failOnError = (error: unknown): void => {
  throw error;
};

test('counts of a moment are written soon, later ones are added to them, also by another dispatcher', async () => {
  const webhookId = newId();
  const [one, other] = [tallyOf(), tallyOf()];
  one.add(outcome(webhookId, 5));
  one.add(outcome(webhookId, 5, 'http_status'));
  await waitFor('the first write', async () => (await minutesOf(webhookId)).length > 0, { timeoutMs: 2_000 });
  for (let count = 0; count < 10; count += 1) one.add(outcome(webhookId, 100));
  for (let count = 0; count < 20; count += 1) other.add(outcome(webhookId, 31_999, 'timeout_body'));
  await Promise.all([one.close(), other.close()]);
  const minutes = await minutesOf(webhookId);
  expect(sum(minutes, ({ succeeded }) => succeeded)).toBe(11);
  expect(sum(minutes, ({ failed }) => failed)).toBe(21);
  const durations = durationBucketsMs
    .concat(0)
    .map((_, bucket) => sum(minutes, (m) => m.durations[bucket] ?? 0));
  expect(durations[durationBucket(5)]).toBe(2);
  expect(durations[durationBucket(100)]).toBe(10);
  expect(durations[durationBucket(31_999)]).toBe(20);
  expect(histogramQuantile(durations, 0.2)).toBeGreaterThanOrEqual(100);
  for (const { minute, organization_id } of minutes) {
    expect(minute % 60_000).toBe(0);
    expect(organization_id).toBe(organizationId);
  }
});

test('several webhooks go in one write; close() writes the last counts and nothing is written twice', async () => {
  const webhookIds = [newId(), newId(), newId()];
  const tally = tallyOf();
  for (const webhookId of webhookIds) tally.add(outcome(webhookId, 1));
  await tally.close();
  await tally.close();
  for (const webhookId of webhookIds) expect(sum(await minutesOf(webhookId), (m) => m.succeeded)).toBe(1);
});

test('how long events waited for their receipt: by the database clock, without what a person sent', async () => {
  const webhookId = newId();
  // Its clock is an hour behind.
  const tally = tallyOf(3_600_000);
  const behind = { startedAt: acceptedMs + 3 - 3_600_000 };
  tally.add(outcome(webhookId, 4, null, behind));
  await tally.close();
  const [first] = await minutesOf(webhookId);
  expect(first?.lags).toHaveLength(7);
  // In the same minute or the next one: they add up.
  tally.add(outcome(webhookId, 4, null, behind));
  const retriedAt = behind.startedAt + 2 * 86_400_000;
  tally.add(outcome(webhookId, 4, null, { startedAt: retriedAt, trigger: 'retry', number: 8 }));
  // Clocks of two machines may differ by a little: no time is less than none.
  tally.add(outcome(webhookId, 0, null, { startedAt: behind.startedAt - 10 }));
  for (const trigger of ['resend', 'ping'] as const)
    tally.add(outcome(webhookId, 60_000, null, { ...behind, trigger }));
  tally.add(outcome(webhookId, 60_000, 'http_status', behind));
  await tally.close();
  const minutes = await minutesOf(webhookId);
  const at = (lagMs: number) => sum(minutes, (m) => m.lags?.[durationBucket(lagMs, lagBucketsMs)] ?? 0);
  expect([at(0), at(7), at(2 * 86_400_000 + 7)]).toEqual([1, 2, 1]);
  expect(sum(minutes, ({ lags }) => (lags ?? []).reduce((total, count) => total + count, 0))).toBe(4);
});

test('minutes that the release before wrote are added to, as are ones without a receipt', async () => {
  const webhookId = newId();
  const before = () =>
    stage.database.query(
      `INSERT INTO webhook_minutes AS m (webhook_id, organization_id, minute, succeeded, failed, durations)
       VALUES ($1, $2, now_ms() / 60000 * 60000, 1, 0, '{1}')
       ON CONFLICT (webhook_id, minute) DO UPDATE SET durations = add_counts(m.durations, excluded.durations)`,
      [webhookId, organizationId],
    );
  await before();
  const tally = tallyOf();
  tally.add(outcome(webhookId, 5, 'dns'));
  await tally.close();
  tally.add(outcome(webhookId, 5));
  await tally.close();
  await before();
  tally.add(outcome(webhookId, 5, 'dns'));
  await tally.close();
  expect(sum(await minutesOf(webhookId), ({ lags }) => lags?.[durationBucket(8)] ?? 0)).toBe(1);
});
