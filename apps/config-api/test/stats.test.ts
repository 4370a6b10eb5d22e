import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { durationBucket, durationBucketsMs, lagBucketsMs, Stats } from '@postrider/contracts';
import { idMs, newId } from '@postrider/database';
import { seedDelivery, seedEvent } from './support/services.js';
import { startApi, type TestApi } from './support/api.js';

let api: TestApi;
let org: string;
let webhook: string;
let other: string;
beforeAll(async () => {
  api = await startApi();
  org = await api.organization();
  webhook = (await api.webhook(org)).Id;
  other = (await api.webhook(org)).Id;
});
afterAll(() => api.stop());

async function stats(query = ''): Promise<Stats> {
  const response = await api.call('get', `/v1/organizations/${org}/stats${query}`).expect(200);
  expect(Stats.parse(response.body)).toEqual(response.body);
  return response.body as Stats;
}

function histogram(values: readonly number[], boundsMs: readonly number[]): number[] {
  const counts = Array.from({ length: boundsMs.length + 1 }, () => 0);
  for (const ms of values) {
    const bucket = durationBucket(ms, boundsMs);
    counts[bucket] = (counts[bucket] ?? 0) + 1;
  }
  return counts;
}

/** As the dispatcher writes it; `lags: null` as the release before did, which knew none. */
async function minute(
  webhookId: string,
  at: number,
  succeeded: number[],
  failed: number[],
  lags: number[] | null = null,
): Promise<void> {
  const longest = Math.max(-1, ...(lags ?? []).map((ms) => durationBucket(ms, lagBucketsMs)));
  await api.database.query('INSERT INTO webhook_minutes VALUES ($1, $2, $3, $4, $5, $6, $7)', [
    webhookId,
    Math.floor(at / 60_000) * 60_000,
    org,
    succeeded.length,
    failed.length,
    histogram([...succeeded, ...failed], durationBucketsMs),
    lags === null ? null : histogram(lags, lagBucketsMs).slice(0, longest + 1),
  ]);
}

test('nothing yet: zeros, nulls and empty buckets of the last day', async () => {
  const empty = await stats();
  expect(empty).toMatchObject({
    Deliveries: { Pending: 0, Held: 0, Succeeded: 0, Failed: 0, Cancelled: 0 },
    Attempts: 0,
    SuccessRate: null,
    DurationMs: { P50: null, P95: null, P99: null },
    LagMs: { P50: null, P95: null, P99: null },
    OldestPendingAt: null,
  });
  expect(empty.To - empty.From).toBe(86_400_000);
  expect(Math.abs(empty.To - Date.now())).toBeLessThan(30_000);
  expect(empty.Buckets.length).toBeGreaterThan(90);
  expect(empty.Buckets.length).toBeLessThanOrEqual(120);
});

test('counts, rates, quantiles and buckets of a range, of all webhooks or one', async () => {
  const hour = Math.floor(Date.now() / 3_600_000) * 3_600_000 - 3_600_000;
  const seed = async (at: number, target: string, status: string) =>
    seedDelivery(api.database, await seedEvent(api.database, org, { atMs: at }), target, { status });
  const oldest = await seed(hour - 7_200_000, webhook, 'Pending');
  await seed(hour, webhook, 'Pending');
  await seed(hour + 1, webhook, 'Succeeded');
  await seed(hour + 2, webhook, 'Succeeded');
  await seed(hour + 60_000, other, 'Failed');
  await seed(hour + 60_000, other, 'Held');
  await seed(hour + 600_000, other, 'Cancelled');
  await minute(webhook, hour, [5, 5, 5], []);
  await minute(other, hour, [100], []);
  await minute(other, hour + 120_000, [5], [1_000, 1_000, 1_000]);
  await minute(other, hour + 3_600_000, [9], []);
  await minute(other, hour - 60_000, [], [9, 9]);

  const all = await stats(`?From=${hour}&To=${hour + 600_000}`);
  expect(all).toMatchObject({
    From: hour,
    To: hour + 600_000,
    Deliveries: { Pending: 1, Held: 1, Succeeded: 2, Failed: 1, Cancelled: 1 },
    Attempts: 8,
    SuccessRate: 5 / 8,
    OldestPendingAt: idMs(oldest),
  });
  expect(all.DurationMs.P50).toBe(5);
  expect(all.DurationMs.P95 ?? 0).toBeGreaterThanOrEqual(1_000);
  expect(all.DurationMs.P95 ?? 0).toBeLessThan(1_130);
  expect(all.Buckets).toHaveLength(11);
  expect(all.Buckets.map((bucket) => bucket.At)).toEqual(
    Array.from({ length: 11 }, (_, n) => hour + n * 60_000),
  );
  expect(all.Buckets[0]).toMatchObject({ Succeeded: 4, Failed: 0, P50: 5 });
  expect(all.Buckets[1]).toMatchObject({ Succeeded: 0, Failed: 0, P50: null, P95: null, P99: null });
  expect(all.Buckets[2]).toMatchObject({ Succeeded: 1, Failed: 3 });

  const one = await stats(`?From=${hour}&To=${hour + 600_000}&WebhookId=${other}`);
  expect(one).toMatchObject({
    Deliveries: { Pending: 0, Held: 1, Succeeded: 0, Failed: 1, Cancelled: 1 },
    Attempts: 5,
    OldestPendingAt: null,
  });

  const wide = await stats(`?From=0&To=${hour + 7_200_000}`);
  expect(wide.Attempts).toBe(11);
  expect(wide.Deliveries.Pending).toBe(2);
  expect(wide.Buckets.reduce((sum, bucket) => sum + bucket.Succeeded + bucket.Failed, 0)).toBe(11);
  expect(wide.Buckets.length).toBeLessThanOrEqual(120);
  expect((await stats('?From=0&To=8640000000000000')).Attempts).toBe(11);
});

test('the time from event to receipt by bucket, of all webhooks or one, from milliseconds to days', async () => {
  const organization = await api.organization();
  [org, webhook, other] = [
    organization,
    (await api.webhook(organization)).Id,
    (await api.webhook(organization)).Id,
  ];
  const hour = Math.floor(Date.now() / 3_600_000) * 3_600_000 - 3_600_000;
  const day = 86_400_000;
  await minute(webhook, hour, [5, 5, 5], [], [7, 7, 7]);
  await minute(other, hour, [900], [], [2 * day]);
  await minute(other, hour + 60_000, [5], [30_000], null);
  await minute(other, hour + 120_000, [5, 5], [], [100 * day, 9]);
  await minute(other, hour + 180_000, [], [5], []);
  const query = `?From=${hour}&To=${hour + 240_000}`;

  const all = await stats(query);
  const [first, second, third, fourth] = all.Buckets.map(({ LagMs }) => LagMs);
  expect(first?.P50).toBe(7);
  expect(first?.P99).toBeGreaterThanOrEqual(2 * day);
  expect(first?.P99).toBeLessThan(2 * day * 1.13);
  const none = { P50: null, P95: null, P99: null };
  expect([second, fourth]).toEqual([none, none]);
  // Longer than all bounds is the longest of them.
  expect(third).toMatchObject({ P50: 9, P99: lagBucketsMs.at(-1) });
  expect(all.LagMs).toMatchObject({ P50: 7, P99: lagBucketsMs.at(-1) });
  // What durations say is as without.
  expect(all.Buckets[0]).toMatchObject({ Succeeded: 4, P50: 5 });
  expect(all.Buckets[1]?.P99).toBeGreaterThanOrEqual(30_000);

  const one = await stats(`${query}&WebhookId=${webhook}`);
  expect(one.LagMs).toEqual({ P50: 7, P95: 7, P99: 7 });
  expect(one.Buckets[2]?.LagMs).toEqual(none);
});

test('a bucket of many webhooks is read from a sample, and counts as much as it has', async () => {
  org = await api.organization();
  const hour = Math.floor(Date.now() / 3_600_000) * 3_600_000 - 3_600_000;
  // 1200 webhooks received one event after 7 ms, or every third after a second; 100 in the next minute eight
  // after 3 s. Which of the 1200 are read depends on the minute: of the twelve samples there are, the early ones count for 684
  // to 1,008, those after a second for 276 to 528, and the middle of all lies among the latter in each.
  const seed = (at: number, webhooks: number, receipts: number, lagOf: string) =>
    api.database.query(
      `INSERT INTO webhook_minutes
       SELECT ('0190a000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid, $1, $2, $4::int, 0, '{}',
         array_fill(0, ARRAY[place]) || ARRAY[$4::int]
       FROM generate_series(1, $3::int) AS n, LATERAL (SELECT ${lagOf} AS place) AS places`,
      [at, org, webhooks, receipts],
    );
  const [soon, second, late] = [7, 1_000, 3_000].map((ms) => durationBucket(ms, lagBucketsMs));
  await seed(hour, 1_200, 1, `CASE WHEN n % 3 = 0 THEN ${second} ELSE ${soon} END`);
  await seed(hour + 60_000, 100, 8, String(late));
  const all = await stats(`?From=${hour}&To=${hour + 120_000}`);
  expect(all.Attempts).toBe(2_000);
  const [sampled, whole] = all.Buckets;
  expect(sampled).toMatchObject({ Succeeded: 1_200, LagMs: { P50: 7, P95: lagBucketsMs[second ?? 0] } });
  expect(whole).toMatchObject({ Succeeded: 800, LagMs: { P50: lagBucketsMs[late ?? 0] } });
  // 800 of 2,000 after 7 ms, 400 after a second: taken for the hundred of the sample, the others would be most.
  expect(all.LagMs).toMatchObject({ P50: lagBucketsMs[second ?? 0], P99: lagBucketsMs[late ?? 0] });
});

test("another organization's webhook gives zeros", async () => {
  const foreign = (await api.webhook(await api.organization())).Id;
  expect(await stats(`?WebhookId=${foreign}`)).toMatchObject({ Attempts: 0, OldestPendingAt: null });
  expect(await stats(`?WebhookId=${newId()}`)).toMatchObject({ Attempts: 0 });
});

test.each([
  ['From=2&To=1', 'From'],
  ['From=x', 'From'],
  ['To=-5', 'To'],
  ['WebhookId=x', 'WebhookId'],
  ['Limit=5', 'Limit'],
])('?%s is refused', async (query, parameter) => {
  const response = await api.call('get', `/v1/organizations/${org}/stats?${query}`).expect(422);
  expect(response.body).toMatchObject({ errors: [{ parameter }] });
});

test('From in the future alone is a range of its own', async () => {
  const from = Date.now() + 86_400_000;
  expect(await stats(`?From=${from}`)).toMatchObject({ From: from, To: from, Attempts: 0 });
});
