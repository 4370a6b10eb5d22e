import { expect, test } from '@jest/globals';
import { organizationId } from '../../test/makers.js';
import {
  insertDelivery,
  insertResend,
  insertWebhook,
  readDelivery,
  type InsertedDelivery,
} from '../../test/rows.js';
import { sqlStage } from '../../test/sql-stage.js';
import { moveDeliveries, type DeliveryMove } from './move-deliveries.js';

const stage = sqlStage();

const move = ({ id, due_at }: InsertedDelivery, to: DeliveryMove['to']): DeliveryMove => ({
  organizationId,
  deliveryId: id,
  resendId: null,
  leaseUntil: due_at,
  to,
});
const now = async (): Promise<number> =>
  (await stage.database.query<{ now: number }>('SELECT now_ms() AS now'))[0]?.now ?? 0;

test('parked, held and cancelled ones in one batch; what has lost its lease stays', async () => {
  const webhookId = await insertWebhook(stage.database);
  const insert = () => insertDelivery(stage.database, webhookId, { dueInMs: 20_000 });
  const [parked, held, cancelled, lost] = [await insert(), await insert(), await insert(), await insert()];
  const before = await now();
  await moveDeliveries(stage.pool, [
    move(parked, { status: 'Pending', delayMs: 1_500 }),
    move(held, { status: 'Held' }),
    move(cancelled, { status: 'Cancelled' }),
    { ...move(lost, { status: 'Cancelled' }), leaseUntil: lost.due_at + 1 },
  ]);
  const read = ({ id }: InsertedDelivery) => readDelivery(stage.database, id);
  const afterwards = await read(parked);
  expect(afterwards).toMatchObject({ status: 'Pending', attempts_count: 0, scheduled_attempts: 0 });
  expect(afterwards.due_at).toBeGreaterThanOrEqual(before + 1_500);
  expect(afterwards.due_at).toBeLessThan(before + 3_500);
  expect(await read(held)).toMatchObject({ status: 'Held', due_at: null });
  expect(await read(cancelled)).toMatchObject({ status: 'Cancelled', due_at: null });
  expect(await read(lost)).toMatchObject({ status: 'Pending', due_at: lost.due_at });
});

test('what is not Pending any more is not moved', async () => {
  const webhookId = await insertWebhook(stage.database);
  for (const status of ['Held', 'Cancelled', 'Succeeded', 'Failed']) {
    const delivery = await insertDelivery(stage.database, webhookId, { status });
    await moveDeliveries(stage.pool, [move(delivery, { status: 'Pending', delayMs: 0 })]);
    expect(await readDelivery(stage.database, delivery.id)).toMatchObject({
      status,
      due_at: delivery.due_at,
    });
  }
});

test('a resend is parked or ends, and its delivery is left alone', async () => {
  const webhookId = await insertWebhook(stage.database);
  const delivery = await insertDelivery(stage.database, webhookId, { dueInMs: 60_000 });
  const ids = [
    await insertResend(stage.database, webhookId, delivery.id),
    await insertResend(stage.database, webhookId, delivery.id),
    await insertResend(stage.database, webhookId, delivery.id),
  ];
  const rows = await stage.database.query<{ id: string; due_at: number }>('SELECT id, due_at FROM resends');
  const dueOf = (id: string | undefined) => rows.find((row) => row.id === id)?.due_at ?? 0;
  const of = (at: number, to: DeliveryMove['to'], lateMs = 0): DeliveryMove => ({
    ...move(delivery, to),
    resendId: ids[at] ?? '',
    leaseUntil: dueOf(ids[at]) + lateMs,
  });
  await moveDeliveries(stage.pool, [
    of(0, { status: 'Pending', delayMs: 5_000 }),
    of(1, { status: 'Cancelled' }),
    of(2, { status: 'Pending', delayMs: 5_000 }, 1),
  ]);
  const left = await stage.database.query<{ id: string; due_at: number }>(
    'SELECT id, due_at FROM resends ORDER BY id',
  );
  expect(left.map(({ id }) => id)).toEqual([ids[0], ids[2]]);
  expect((left[0]?.due_at ?? 0) - dueOf(ids[0])).toBeGreaterThanOrEqual(5_000);
  expect(left[1]?.due_at).toBe(dueOf(ids[2]));
  expect(await readDelivery(stage.database, delivery.id)).toMatchObject({
    status: 'Pending',
    due_at: delivery.due_at,
  });
});
