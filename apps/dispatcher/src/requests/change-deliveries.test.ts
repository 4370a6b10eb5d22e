import { beforeEach, describe, expect, test } from '@jest/globals';
import { newId } from '@postrider/database';
import { organizationId } from '../../test/makers.js';
import {
  countByStatus,
  insertDeliveries,
  insertDelivery,
  insertWebhook,
  readDelivery,
} from '../../test/rows.js';
import { sqlStage } from '../../test/sql-stage.js';
import {
  beginFailureClockAtResume,
  cancelPending,
  deliverHeld,
  disableWebhook,
  discardHeld,
  holdPending,
  requestResend,
  restartFailureClock,
} from './change-deliveries.js';

const stage = sqlStage();
const now = async (): Promise<number> =>
  (await stage.database.query<{ now: number }>('SELECT now_ms() AS now'))[0]?.now ?? 0;
let webhookId: string;

beforeEach(async () => {
  webhookId = await insertWebhook(stage.database);
});

describe('a pause', () => {
  test('holds what is pending, thousands too, and leaves other webhooks and pings alone', async () => {
    const other = await insertWebhook(stage.database);
    await insertDeliveries(stage.database, webhookId, { count: 4_500 });
    await insertDelivery(stage.database, webhookId, { status: 'Succeeded' });
    const ping = await insertDelivery(stage.database, webhookId, { trigger: 'ping' });
    await insertDelivery(stage.database, other);
    expect(await holdPending(stage.pool, webhookId)).toBe(4_500);
    expect(await countByStatus(stage.database, webhookId)).toEqual({ Held: 4_500, Succeeded: 1, Pending: 1 });
    expect((await readDelivery(stage.database, ping.id)).status).toBe('Pending');
    expect(await countByStatus(stage.database, other)).toEqual({ Pending: 1 });
    expect(await holdPending(stage.pool, webhookId)).toBe(0);
  });

  test('keeps the lease token, so that an attempt under way can still record its success', async () => {
    const delivery = await insertDelivery(stage.database, webhookId, { dueInMs: 20_000 });
    await holdPending(stage.pool, webhookId);
    expect(await readDelivery(stage.database, delivery.id)).toMatchObject({
      status: 'Held',
      due_at: delivery.due_at,
    });
  });
});

describe('a resume', () => {
  test('delivers what is held: now, or when its retry is due', async () => {
    const [never, past, later] = [
      await insertDelivery(stage.database, webhookId, { status: 'Held', dueInMs: null }),
      await insertDelivery(stage.database, webhookId, { status: 'Held', dueInMs: -60_000 }),
      await insertDelivery(stage.database, webhookId, { status: 'Held', dueInMs: 60_000 }),
    ];
    const before = await now();
    expect(await deliverHeld(stage.pool, webhookId)).toBe(3);
    const after = await now();
    for (const { id } of [never, past]) {
      const { status, due_at } = await readDelivery(stage.database, id);
      expect(status).toBe('Pending');
      expect(due_at).toBeGreaterThanOrEqual(before);
      expect(due_at).toBeLessThanOrEqual(after);
    }
    expect(await readDelivery(stage.database, later.id)).toMatchObject({
      status: 'Pending',
      due_at: later.due_at,
    });
  });

  test('or discards it', async () => {
    await insertDeliveries(stage.database, webhookId, { count: 3, status: 'Held' });
    await insertDelivery(stage.database, webhookId);
    expect(await discardHeld(stage.pool, webhookId)).toBe(3);
    expect(await countByStatus(stage.database, webhookId)).toEqual({ Cancelled: 3, Pending: 1 });
  });

  test('gives a webhook that was disabled for failing its five days again', async () => {
    await stage.database.query(
      `INSERT INTO webhook_health (webhook_id, organization_id, last_failed_at, failing_since, consecutive_failures)
       VALUES ($1, $2, 9, 1, 77)`,
      [webhookId, organizationId],
    );
    await restartFailureClock(stage.pool, webhookId);
    expect(
      await stage.database.query('SELECT * FROM webhook_health WHERE webhook_id = $1', [webhookId]),
    ).toMatchObject([
      {
        webhook_id: webhookId,
        organization_id: organizationId,
        last_succeeded_at: null,
        last_failed_at: 9,
        failing_since: null,
        consecutive_failures: 0,
      },
    ]);
  });
});

describe('a resume that no dispatcher heard of', () => {
  const clockAt = async (failingSince: number, resumedAt: number | null) => {
    await stage.database.query('UPDATE webhooks SET resumed_at = $2 WHERE id = $1', [webhookId, resumedAt]);
    await stage.database.query(
      `INSERT INTO webhook_health (webhook_id, organization_id, last_failed_at, failing_since, consecutive_failures)
       VALUES ($1, $2, 9, $3, 77)`,
      [webhookId, organizationId, failingSince],
    );
    const isBegunAnew = await beginFailureClockAtResume(stage.pool, webhookId);
    const [row] = await stage.database.query(
      'SELECT failing_since FROM webhook_health WHERE webhook_id = $1',
      [webhookId],
    );
    return [isBegunAnew, row?.['failing_since']];
  };

  test('begins the failure clock all the same', async () => {
    expect(await clockAt(1_000, 5_000)).toEqual([true, 5_000]);
    expect(await beginFailureClockAtResume(stage.pool, webhookId)).toBe(false);
  });

  test('changes nothing where it has begun since, or where there was no resume', async () => {
    expect(await clockAt(6_000, 5_000)).toEqual([false, 6_000]);
    webhookId = await insertWebhook(stage.database);
    expect(await clockAt(1_000, null)).toEqual([false, 1_000]);
  });
});

test('a deletion cancels what is pending and held, pings too', async () => {
  await insertDeliveries(stage.database, webhookId, { count: 2_100 });
  await insertDelivery(stage.database, webhookId, { trigger: 'ping' });
  await insertDeliveries(stage.database, webhookId, { count: 2, status: 'Held' });
  await insertDelivery(stage.database, webhookId, { status: 'Failed' });
  expect(await cancelPending(stage.pool, webhookId)).toBe(2_103);
  expect(await countByStatus(stage.database, webhookId)).toEqual({ Cancelled: 2_103, Failed: 1 });
});

describe('a resend', () => {
  test.each(['Pending', 'Held', 'Succeeded', 'Failed', 'Cancelled'])(
    'of a delivery that is %s',
    async (status) => {
      const delivery = await insertDelivery(stage.database, webhookId, { status });
      const id = await requestResend(stage.pool, organizationId, delivery.id);
      const rows = await stage.database.query('SELECT * FROM resends WHERE delivery_id = $1', [delivery.id]);
      expect(rows).toMatchObject([{ id, organization_id: organizationId, webhook_id: webhookId }]);
      expect(rows[0]?.['due_at']).toBeLessThanOrEqual(await now());
    },
  );

  test('of what is not there, is not yours, or whose webhook is deleted: none', async () => {
    const delivery = await insertDelivery(stage.database, webhookId);
    expect(await requestResend(stage.pool, organizationId, newId())).toBeNull();
    expect(await requestResend(stage.pool, newId(), delivery.id)).toBeNull();
    await stage.database.query('UPDATE webhooks SET deleted_at = now_ms() WHERE id = $1', [webhookId]);
    expect(await requestResend(stage.pool, organizationId, delivery.id)).toBeNull();
    expect(await stage.database.query('SELECT FROM resends WHERE delivery_id = $1', [delivery.id])).toEqual(
      [],
    );
  });
});

describe('disabling a webhook', () => {
  const read = async () =>
    (
      await stage.database.query('SELECT state, disabled_reason, version FROM webhooks WHERE id = $1', [
        webhookId,
      ])
    )[0];

  test('is done by one of those who try, and gives it a higher version', async () => {
    const before = await read();
    const tries = await Promise.all(
      Array.from({ length: 5 }, () => disableWebhook(stage.pool, organizationId, webhookId, 'gone')),
    );
    expect(tries.filter((isDone) => isDone)).toHaveLength(1);
    const after = await read();
    expect(after).toMatchObject({ state: 'disabled', disabled_reason: 'gone' });
    expect(after?.['version']).toBeGreaterThan(before?.['version'] as number);
    const told = await stage.database.query('SELECT * FROM operational_events WHERE webhook_id = $1', [
      webhookId,
    ]);
    expect(told).toMatchObject([{ topic: 'webhook.disabled', reason: 'gone', consecutive_failures: 1 }]);
  });

  test('also while it is paused; not in another organization, nor once it is deleted', async () => {
    expect(await disableWebhook(stage.pool, newId(), webhookId, 'gone')).toBe(false);
    await stage.database.query(`UPDATE webhooks SET state = 'paused' WHERE id = $1`, [webhookId]);
    expect(await disableWebhook(stage.pool, organizationId, webhookId, 'failing')).toBe(true);
    expect(await read()).toMatchObject({ disabled_reason: 'failing' });
    await stage.database.query(`UPDATE webhooks SET state = 'enabled', deleted_at = 1 WHERE id = $1`, [
      webhookId,
    ]);
    expect(await disableWebhook(stage.pool, organizationId, webhookId, 'gone')).toBe(false);
  });
});
