import { expect, test } from '@jest/globals';
import { durationBucket, durationBucketsMs, histogramQuantile } from '@postrider/contracts';
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
}

const minutesOf = (webhookId: string): Promise<Minute[]> =>
  stage.database.query<Minute>('SELECT * FROM webhook_minutes WHERE webhook_id = $1 ORDER BY minute', [
    webhookId,
  ]);
const outcome = (webhookId: string, durationMs: number, errorCode: AttemptOutcome['errorCode'] = null) =>
  ({ webhookId, organizationId, durationMs, errorCode }) as AttemptOutcome;
const sum = (minutes: readonly Minute[], of: (minute: Minute) => number): number =>
  minutes.reduce((total, minute) => total + of(minute), 0);
const failOnError = (error: unknown): void => {
  throw error;
};

test('counts of a moment are written soon, later ones are added to them, also by another dispatcher', async () => {
  const webhookId = newId();
  const [one, other] = [new MinuteTally(stage.pool, failOnError), new MinuteTally(stage.pool, failOnError)];
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
  const tally = new MinuteTally(stage.pool, failOnError);
  for (const webhookId of webhookIds) tally.add(outcome(webhookId, 1));
  await tally.close();
  await tally.close();
  for (const webhookId of webhookIds) expect(sum(await minutesOf(webhookId), (m) => m.succeeded)).toBe(1);
});
