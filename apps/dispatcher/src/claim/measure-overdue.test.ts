// What the gauge postrider_deliveries_overdue_seconds tells, on a real PostgreSQL with the dispatcher's rights.
import { beforeEach, expect, test } from '@jest/globals';
import type { Pool } from 'pg';
import { insertDeliveries, insertDelivery, insertWebhook } from '../../test/rows.js';
import { sqlStage } from '../../test/sql-stage.js';
import { overdueMeter } from './measure-overdue.js';

const stage = sqlStage();
/** Asks anew each time: the meter keeps what it knows for ten seconds. */
const overdue = () => overdueMeter(stage.pool, () => 0)();
/** What the test itself takes between a row and the question, at most. */
const slackSeconds = 60;

beforeEach(() => stage.database.query('TRUNCATE deliveries, events, resends, webhooks CASCADE'));

test('nothing is late where nothing is pending, or only what is due later', async () => {
  expect(await overdue()).toBe(0);
  const webhook = await insertWebhook(stage.database);
  await insertDelivery(stage.database, webhook, { dueInMs: 600_000 });
  expect(await overdue()).toBe(0);
});

test('what has been due for longest counts, whichever webhook it is for', async () => {
  for (const minutes of [10, 60, 30]) {
    const webhook = await insertWebhook(stage.database);
    await insertDeliveries(stage.database, webhook, { count: 3, dueInMs: -minutes * 60_000 });
    await insertDelivery(stage.database, webhook, { dueInMs: 600_000 });
  }
  const seconds = await overdue();
  expect(seconds).toBeGreaterThanOrEqual(3_600);
  expect(seconds).toBeLessThan(3_600 + slackSeconds);
});

test('what is over or held is never late', async () => {
  const webhook = await insertWebhook(stage.database);
  for (const status of ['Succeeded', 'Failed', 'Held', 'Cancelled'])
    await insertDelivery(stage.database, webhook, { status, dueInMs: -600_000 });
  expect(await overdue()).toBe(0);
});

test('whoever asks often is told the same for ten seconds, and PostgreSQL is asked once', async () => {
  let asked = 0;
  const counted = {
    query: (...given: Parameters<Pool['query']>) => {
      asked += 1;
      return stage.pool.query(...given);
    },
  } as unknown as Pool;
  let now = 0;
  const meter = overdueMeter(counted, () => now);
  expect(await meter()).toBe(0);
  const webhook = await insertWebhook(stage.database);
  await insertDelivery(stage.database, webhook, { dueInMs: -600_000 });
  now = 9_999;
  expect(await meter()).toBe(0);
  expect(asked).toBe(1);
  now = 10_000;
  expect(await meter()).toBeGreaterThanOrEqual(600);
  expect(asked).toBe(2);
});

test('where PostgreSQL does not tell, the gauge says so instead of a zero', async () => {
  const away = { query: () => Promise.reject(new Error('away')) } as unknown as Pool;
  expect(await overdueMeter(away, () => 0)()).toBeNaN();
});
