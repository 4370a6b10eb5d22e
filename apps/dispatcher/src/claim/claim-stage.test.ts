import { beforeEach, describe, expect, test } from '@jest/globals';
import { bodyPrefix } from '@postrider/contracts';
import { makeWebhook, organizationId } from '../../test/makers.js';
import {
  insertDeliveries,
  insertDelivery,
  insertResend,
  insertWebhook,
  readDelivery,
} from '../../test/rows.js';
import { sqlStage } from '../../test/sql-stage.js';
import type { DeliveryTask } from '../task.js';
import { ClaimStage, type ClaimStageOptions } from './claim-stage.js';

const stage = sqlStage();

interface Claimer {
  readonly claim: ClaimStage;
  readonly tasks: DeliveryTask[];
  /** What goes to people, by message. */
  readonly messages: (readonly DeliveryTask[])[];
}

function makeClaimer(options: Partial<ClaimStageOptions> = {}): Claimer {
  const tasks: DeliveryTask[] = [];
  const messages: (readonly DeliveryTask[])[] = [];
  const claim = new ClaimStage({
    pool: stage.pool,
    webhookOf: () => undefined,
    roomOf: () => 320,
    room: () => 10_000,
    accept: (task) => tasks.push(task),
    acceptTogether: (together) => messages.push(together),
    random: () => 0.9,
    onClaimed: () => undefined,
    ...options,
  });
  return { claim, tasks, messages };
}

const countOf = ({ tasks }: Claimer, webhookId: string): number =>
  tasks.filter((task) => task.webhookId === webhookId).length;
const now = async (): Promise<number> =>
  (await stage.database.query<{ now: number }>('SELECT now_ms() AS now'))[0]?.now ?? 0;

beforeEach(async () => {
  await stage.database.query('TRUNCATE deliveries, events, resends, webhooks CASCADE');
});

test('what is due is claimed with all that its attempt needs, under a lease of its webhook', async () => {
  const webhookId = await insertWebhook(stage.database);
  const first = await insertDelivery(stage.database, webhookId, { dueInMs: -10 });
  const retry = await insertDelivery(stage.database, webhookId, { attempts: 3, scheduledAttempts: 2 });
  const resent = await insertDelivery(stage.database, webhookId, { attempts: 1, scheduledAttempts: 0 });
  const ping = await insertDelivery(stage.database, webhookId, { trigger: 'ping' });
  await insertDelivery(stage.database, webhookId, { dueInMs: 60_000 });
  for (const status of ['Held', 'Failed', 'Succeeded', 'Cancelled'])
    await insertDelivery(stage.database, webhookId, { status });
  const claimer = makeClaimer({ webhookOf: () => makeWebhook({ TimeoutSeconds: 7 }) });
  const before = await now();
  expect(await claimer.claim.round()).toMatchObject({ claimed: 4 });
  const text = Buffer.from(`{"Id":"${first.event_id}","Data":{}}`);
  const task = (delivery: typeof first) => claimer.tasks.find(({ deliveryId }) => deliveryId === delivery.id);
  expect(task(first)).toEqual({
    organizationId,
    deliveryId: first.id,
    webhookId,
    event: { id: first.event_id, topic: 'job.execution.failed', bodyPrefix: bodyPrefix(text) },
    leaseUntil: (await readDelivery(stage.database, first.id)).due_at,
    trigger: 'event',
    attemptNumber: 1,
    scheduledAttempts: 0,
    isClaimed: true,
    resendId: null,
  });
  expect(task(first)?.leaseUntil).toBeGreaterThanOrEqual(before + 17_000);
  expect(task(first)?.leaseUntil).toBeLessThan(before + 19_000);
  expect(task(retry)).toMatchObject({ trigger: 'retry', attemptNumber: 4, scheduledAttempts: 2 });
  expect(task(resent)).toMatchObject({ trigger: 'event', attemptNumber: 2, scheduledAttempts: 0 });
  expect(task(ping)).toMatchObject({ trigger: 'ping', attemptNumber: 1 });
  expect(await claimer.claim.round()).toEqual({ claimed: 0, more: false });
});

test('a webhook that is not known yet gets the longest lease', async () => {
  const webhookId = await insertWebhook(stage.database);
  await insertDelivery(stage.database, webhookId);
  const claimer = makeClaimer();
  const before = await now();
  await claimer.claim.round();
  expect(claimer.tasks[0]?.leaseUntil).toBeGreaterThanOrEqual(before + 40_000);
});

test('the oldest of a webhook come first, but for a quarter: what came due last', async () => {
  const webhookId = await insertWebhook(stage.database);
  const deliveries = await insertDeliveries(stage.database, webhookId, { count: 50 });
  const claimer = makeClaimer({ roomOf: () => 10 });
  await claimer.claim.round();
  expect(new Set(claimer.tasks.map(({ deliveryId }) => deliveryId))).toEqual(
    new Set([...deliveries.slice(0, 8), ...deliveries.slice(-2)].map(({ id }) => id)),
  );
});

describe('fair shares', () => {
  test('a webhook with 100,000 due does not starve the others', async () => {
    const crowded = await insertWebhook(stage.database, { id: '01900000-0000-7000-8000-000000000000' });
    await insertDeliveries(stage.database, crowded, { count: 100_000, dueInMs: -60_000 });
    const others: string[] = [];
    for (let count = 0; count < 20; count += 1) others.push(await insertWebhook(stage.database));
    for (const webhookId of others) await insertDeliveries(stage.database, webhookId, { count: 5 });
    const claimer = makeClaimer();
    // Of 64 places each of the 21 gets 3 at least: in two rounds the others are through.
    for (let count = 0; count < 2; count += 1) expect((await claimer.claim.round()).more).toBe(true);
    expect(others.map((webhookId) => countOf(claimer, webhookId))).toEqual(others.map(() => 5));
    const before = countOf(claimer, crowded);
    expect(before).toBeGreaterThan(0);
    // Alone again, it gets as much as any webhook may in one round.
    expect(await claimer.claim.round()).toEqual({ claimed: 64, more: true });
    expect(countOf(claimer, crowded)).toBe(before + 64);
  });

  test('little room is shared evenly, and no webhook gets more than finds a place', async () => {
    const webhookIds = [
      await insertWebhook(stage.database),
      await insertWebhook(stage.database),
      await insertWebhook(stage.database),
    ];
    for (const webhookId of webhookIds) await insertDeliveries(stage.database, webhookId, { count: 100 });
    const [narrow] = webhookIds;
    const claimer = makeClaimer({ room: () => 62, roomOf: (webhookId) => (webhookId === narrow ? 2 : 320) });
    expect(await claimer.claim.round()).toEqual({ claimed: 62, more: true });
    expect(webhookIds.map((webhookId) => countOf(claimer, webhookId))).toEqual([2, 30, 30]);
  });

  test('where not all of them find room, the next rounds go on with the others', async () => {
    const webhookIds: string[] = [];
    for (let count = 0; count < 30; count += 1) webhookIds.push(await insertWebhook(stage.database));
    for (const webhookId of webhookIds) await insertDeliveries(stage.database, webhookId, { count: 10 });
    const claimer = makeClaimer({ room: () => 10 });
    for (let count = 0; count < 3; count += 1) expect((await claimer.claim.round()).more).toBe(true);
    expect(webhookIds.map((webhookId) => countOf(claimer, webhookId))).toEqual(webhookIds.map(() => 1));
  });

  test('where there is no room nothing is claimed', async () => {
    const webhookId = await insertWebhook(stage.database);
    const delivery = await insertDelivery(stage.database, webhookId);
    await insertResend(stage.database, webhookId, delivery.id);
    for (const options of [{ room: () => 0 }, { room: () => -5, roomOf: () => 0 }]) {
      const claimer = makeClaimer(options);
      expect(await claimer.claim.round()).toEqual({ claimed: 0, more: false });
      expect(claimer.tasks).toEqual([]);
    }
  });

  test('more webhooks than one round looks at: the next rounds go on behind, then begin anew', async () => {
    const webhookIds: string[] = [];
    for (let count = 0; count < 600; count += 1) webhookIds.push(await insertWebhook(stage.database));
    for (const webhookId of webhookIds) await insertDelivery(stage.database, webhookId);
    const claimer = makeClaimer({ roomOf: () => 1 });
    // 64 in a round: 600 webhooks take ten.
    for (let count = 0; count < 12 && claimer.tasks.length < 600; count += 1)
      expect((await claimer.claim.round()).more).toBe(true);
    expect(new Set(claimer.tasks.map((task) => task.webhookId))).toEqual(new Set(webhookIds));
    const [early] = [...webhookIds].sort();
    await insertDelivery(stage.database, early ?? '');
    await claimer.claim.round();
    expect(countOf(claimer, early ?? '')).toBe(2);
  });
});

test('several dispatchers claim side by side: each delivery once, none left', async () => {
  const webhookIds = [await insertWebhook(stage.database), await insertWebhook(stage.database)];
  for (const webhookId of webhookIds) await insertDeliveries(stage.database, webhookId, { count: 1_000 });
  const claimers = Array.from({ length: 4 }, () => makeClaimer());
  await Promise.all(
    claimers.map(async ({ claim }) => {
      while ((await claim.round()).claimed > 0);
    }),
  );
  const ids = claimers.flatMap(({ tasks }) => tasks.map(({ deliveryId }) => deliveryId));
  expect([ids.length, new Set(ids).size]).toEqual([2_000, 2_000]);
});

test('rows that another holds locked are passed over, not waited for', async () => {
  const webhookId = await insertWebhook(stage.database);
  const [locked, free] = await insertDeliveries(stage.database, webhookId, { count: 2 });
  await stage.database.query('BEGIN');
  await stage.database.query('SELECT FROM deliveries WHERE id = $1 FOR UPDATE', [locked?.id]);
  const claimer = makeClaimer();
  await claimer.claim.round();
  await stage.database.query('ROLLBACK');
  expect(claimer.tasks.map(({ deliveryId }) => deliveryId)).toEqual([free?.id]);
});

describe('resends', () => {
  test('of any delivery are claimed under a lease; the delivery itself is not touched', async () => {
    const webhookId = await insertWebhook(stage.database);
    const delivery = await insertDelivery(stage.database, webhookId, {
      status: 'Succeeded',
      dueInMs: null,
      attempts: 4,
      scheduledAttempts: 2,
    });
    const resendId = await insertResend(stage.database, webhookId, delivery.id);
    const claimer = makeClaimer();
    const before = await now();
    expect(await claimer.claim.round()).toMatchObject({ claimed: 1 });
    const [row] = await stage.database.query<{ due_at: number }>('SELECT due_at FROM resends');
    expect(row?.due_at).toBeGreaterThanOrEqual(before + 40_000);
    expect(claimer.tasks).toEqual([
      {
        organizationId,
        deliveryId: delivery.id,
        webhookId,
        event: {
          id: delivery.event_id,
          topic: 'job.execution.failed',
          bodyPrefix: Buffer.from(`{"Id":"${delivery.event_id}","Data":{}`),
        },
        leaseUntil: row?.due_at,
        trigger: 'resend',
        isClaimed: true,
        attemptNumber: 5,
        scheduledAttempts: 2,
        resendId,
      },
    ]);
    expect(await readDelivery(stage.database, delivery.id)).toMatchObject({
      status: 'Succeeded',
      due_at: null,
    });
    expect(await claimer.claim.round()).toMatchObject({ claimed: 0 });
  });

  test('of what is gone are dropped', async () => {
    const webhookId = await insertWebhook(stage.database);
    const delivery = await insertDelivery(stage.database, webhookId, { status: 'Failed', dueInMs: null });
    await insertResend(stage.database, webhookId, '0190a000-0000-7000-8000-0000000000ff');
    await insertResend(stage.database, webhookId, delivery.id);
    await stage.database.query('DELETE FROM events');
    const claimer = makeClaimer();
    await claimer.claim.round();
    expect(claimer.tasks).toEqual([]);
    expect(await stage.database.query('SELECT FROM resends')).toEqual([]);
  });

  test('leave half of the room of their webhook to its live deliveries', async () => {
    const webhookId = await insertWebhook(stage.database);
    const live = await insertDeliveries(stage.database, webhookId, { count: 50 });
    for (const { id } of live) await insertResend(stage.database, webhookId, id);
    const { claim, tasks } = makeClaimer({ roomOf: () => 10 - tasks.length });
    await claim.round();
    expect(tasks.filter(({ trigger }) => trigger === 'resend')).toHaveLength(5);
    expect(tasks.filter(({ trigger }) => trigger === 'event')).toHaveLength(5);
  });

  test('a flood of them for one webhook does not starve the others', async () => {
    const [flooded, other] = [await insertWebhook(stage.database), await insertWebhook(stage.database)];
    const deliveries = await insertDeliveries(stage.database, flooded, {
      count: 2_000,
      status: 'Failed',
      dueInMs: null,
    });
    await stage.database.query(
      `INSERT INTO resends (id, organization_id, webhook_id, delivery_id, due_at, created_at)
       SELECT uuidv7(), $1, $2, id, now_ms(), now_ms() FROM unnest($3::uuid[]) AS id`,
      [organizationId, flooded, deliveries.map(({ id }) => id)],
    );
    const late = await insertDelivery(stage.database, other, { status: 'Failed', dueInMs: null });
    await insertResend(stage.database, other, late.id);
    const claimer = makeClaimer({ roomOf: (webhookId) => (webhookId === flooded ? 20 : 320) });
    const { more } = await claimer.claim.round();
    expect(countOf(claimer, other)).toBe(1);
    expect(countOf(claimer, flooded)).toBeLessThanOrEqual(20);
    expect(more).toBe(true);
  });
});
