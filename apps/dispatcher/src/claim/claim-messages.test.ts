// Turns of webhooks that tell people, on a real PostgreSQL. Time passes by moving what is stored.
import { beforeEach, expect, test } from '@jest/globals';
import type { WebhookConfiguration } from '@postrider/contracts';
import { makeWebhook } from '../../test/makers.js';
import { insertDeliveries, insertDelivery, insertResend, insertWebhook } from '../../test/rows.js';
import { sqlStage } from '../../test/sql-stage.js';
import type { DeliveryTask } from '../task.js';
import { maxTogether, maxTold } from './claim-messages.js';
import { ClaimStage } from './claim-stage.js';
import { putOffTurn, restAfterDigest } from './message-turns.js';

const stage = sqlStage();
let webhook: WebhookConfiguration;
let messages: (readonly DeliveryTask[])[];
let random: number;
/** As many dispatchers as a test wants: they share the database alone. */
const makeClaimer = (): ClaimStage =>
  new ClaimStage({
    pool: stage.pool,
    webhookOf: (id) => (id === webhook.Id ? webhook : undefined),
    roomOf: () => 100,
    room: () => 1_000,
    accept: () => undefined,
    acceptTogether: (tasks) => messages.push(tasks),
    random: () => random,
    onClaimed: () => undefined,
  });

const round = async (claimer = makeClaimer()): Promise<number[]> => {
  messages = [];
  await claimer.round();
  return messages.map((tasks) => tasks.length);
};
const later = (ms: number) =>
  stage.database.query(
    'UPDATE message_turns SET next_at = next_at - $1, next_digest_at = next_digest_at - $1',
    [ms],
  );
const insert = (count: number) => insertDeliveries(stage.database, webhook.Id, { count, dueInMs: -1_000 });

beforeEach(async () => {
  await stage.database.query('TRUNCATE deliveries, events, resends, webhooks CASCADE');
  webhook = makeWebhook({ Type: 'slack', Id: await insertWebhook(stage.database) });
  random = 0.9;
});

test('one that is due goes at once, alone; the next a second later', async () => {
  const [first] = await insert(2);
  expect(await round()).toEqual([1]);
  expect(messages[0]?.[0]).toMatchObject({ deliveryId: first?.id, trigger: 'event', attemptNumber: 1 });
  expect(messages[0]?.[0]?.event.bodyPrefix.toString()).toContain(`"Id":"${first?.event_id}"`);
  expect(await round()).toEqual([]);
  await later(1_000);
  expect(await round()).toEqual([1]);
  await later(1_000);
  expect(await round()).toEqual([]);
});

test('more than two that wait become one message, then what piles up within a minute', async () => {
  await insert(1);
  expect(await round()).toEqual([1]);
  await insert(30);
  expect(await round()).toEqual([]);
  await later(1_000);
  expect(await round()).toEqual([30]);
  const texts = messages[0]?.filter(({ event }) => event.bodyPrefix.length > 0);
  expect(texts).toHaveLength(maxTold);
  expect(new Set(messages[0]?.map(({ leaseUntil }) => leaseUntil)).size).toBe(1);
  await restAfterDigest(stage.pool, webhook.Id);
  await insert(3);
  for (const ms of [1_000, 30_000, 28_000]) {
    await later(ms);
    expect(await round()).toEqual([]);
  }
  await insert(4);
  await later(1_000);
  expect(await round()).toEqual([7]);
});

test('few that come within that minute are not kept waiting for it', async () => {
  await insert(3);
  expect(await round()).toEqual([3]);
  await restAfterDigest(stage.pool, webhook.Id);
  await insert(2);
  await later(1_000);
  expect(await round()).toEqual([1]);
  await later(1_000);
  expect(await round()).toEqual([1]);
});

test('a pile that no message takes is gone within turns, not minutes', async () => {
  await insert(2 * maxTogether + 5);
  const sizes: number[] = [];
  for (let turn = 0; turn < 3; turn += 1) {
    sizes.push(...(await round()));
    await later(1_000);
  }
  expect(sizes).toEqual([maxTogether, maxTogether, 5]);
});

test('several dispatchers at the same time have one turn between them, and each delivery is claimed once', async () => {
  await insert(40);
  const claimers = Array.from({ length: 4 }, makeClaimer);
  messages = [];
  await Promise.all(claimers.map((claimer) => claimer.round()));
  expect(messages.map((tasks) => tasks.length)).toEqual([40]);
});

test('what a dispatcher claimed and never sent comes due by its lease, without another wait', async () => {
  const deliveries = await insert(5);
  expect(await round()).toEqual([5]);
  await later(25_000);
  expect(await round()).toEqual([]);
  await stage.database.query('UPDATE deliveries SET due_at = due_at - 25001 WHERE id = ANY($1)', [
    deliveries.map(({ id }) => id),
  ]);
  expect(await round()).toEqual([5]);
});

test('a service that asks for quiet gets it from all dispatchers', async () => {
  await insert(2);
  expect(await round()).toEqual([1]);
  await putOffTurn(stage.pool, webhook.Id, 30_000);
  await later(29_000);
  expect(await round()).toEqual([]);
  await later(1_000);
  expect(await round()).toEqual([1]);
});

test('resends take turns like any other, each alone, and leave half of them to what is not sent yet', async () => {
  for (let count = 0; count < 3; count += 1) {
    const delivery = await insertDelivery(stage.database, webhook.Id, { status: 'Succeeded', attempts: 1 });
    await insertResend(stage.database, webhook.Id, delivery.id);
  }
  await insert(1);
  expect(await round()).toEqual([1]);
  expect(messages[0]?.[0]?.trigger).toBe('resend');
  expect(await round()).toEqual([]);
  random = 0.1;
  await later(1_000);
  expect(await round()).toEqual([1]);
  expect(messages[0]?.[0]?.trigger).toBe('event');
});
