import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { newId } from '@postrider/database';
import { organizationId } from '../../test/makers.js';
import { insertDeliveries, insertDelivery, insertWebhook, type InsertedDelivery } from '../../test/rows.js';
import { sqlStage } from '../../test/sql-stage.js';
import type { AttemptOutcome } from '../record/outcome.js';
import { recordAttempts } from '../record/record-attempts.js';
import { releaseReplay } from './release-replay.js';
import { Replayer } from './replayer.js';

const stage = sqlStage();
let replayer: Replayer;
let errors: unknown[];

beforeEach(async () => {
  await stage.database.query(
    'TRUNCATE deliveries, events, resends, replays, replay_deliveries, webhooks CASCADE',
  );
  errors = [];
  replayer = new Replayer({
    pool: stage.pool,
    wake: () => undefined,
    onError: (error) => errors.push(error),
  });
});
afterEach(() => {
  expect(errors).toEqual([]);
});

/** As config-api writes a replay down. `elapsedMs`: so much of its rate has gathered. */
async function insertReplay(
  deliveries: readonly (readonly [webhookId: string, delivery: InsertedDelivery])[],
  { rate = 1_000, elapsedMs = 60_000 } = {},
): Promise<string> {
  const id = newId();
  await stage.database.query(
    `INSERT INTO replays (id, organization_id, from_ms, to_ms, rate_per_second, total, created_at, released_until)
     VALUES ($1, $2, 0, 1, $3, $4, now_ms(), now_ms() - $5::int)`,
    [id, organizationId, rate, deliveries.length, elapsedMs],
  );
  await stage.database.query(
    `INSERT INTO replay_deliveries (replay_id, organization_id, webhook_id, delivery_id)
     SELECT $1, $2, * FROM unnest($3::uuid[], $4::uuid[])`,
    [id, organizationId, deliveries.map(([webhookId]) => webhookId), deliveries.map(([, { id: d }]) => d)],
  );
  return id;
}
async function failedDeliveries(webhookId: string, count: number) {
  const rows = await insertDeliveries(stage.database, webhookId, { count, status: 'Failed', dueInMs: null });
  return rows.map((delivery) => [webhookId, delivery] as const);
}
interface Resend {
  readonly id: string;
  readonly webhook_id: string;
  readonly delivery_id: string;
  readonly due_at: number;
  readonly created_at: number;
}
const resends = () => stage.database.query<Resend>('SELECT * FROM resends ORDER BY due_at, delivery_id');
async function replayOf(id: string) {
  const [row] = await stage.database.query<{ finished_at: number | null; succeeded: number; failed: number }>(
    'SELECT finished_at, succeeded, failed FROM replays WHERE id = $1',
    [id],
  );
  return row;
}
const set = (id: string, what: string) =>
  stage.database.query(`UPDATE replays SET ${what} WHERE id = $1`, [id]);

/** As an attempt of each resend is recorded. */
async function recordResends(rows: readonly Resend[], received = true): Promise<void> {
  const outcomes = rows.map((row): AttemptOutcome => ({
    attemptId: newId(),
    organizationId,
    deliveryId: row.delivery_id,
    webhookId: row.webhook_id,
    resendId: row.id,
    trigger: 'resend',
    number: 2,
    leaseUntil: row.due_at,
    startedAt: 1,
    durationMs: 1,
    statusCode: received ? 200 : 500,
    errorCode: received ? null : 'http_status',
    errorMessage: received ? null : 'it answered 500',
    url: 'https://example.com/hook',
    userAgent: 'Postrider/1',
    hasAuthorization: false,
    hubSignature: null,
    standardSignature: null,
    responseHeaders: null,
    responseBody: null,
    responseTruncated: null,
    request: null,
    isAlong: false,
    status: received ? 'Succeeded' : 'Failed',
    delayMs: null,
  }));
  await recordAttempts(stage.pool, outcomes, 1e12);
}

test('goes on at its rate, spread over the second, and no further than its rate', async () => {
  const webhookId = await insertWebhook(stage.database);
  const listed = await failedDeliveries(webhookId, 100);
  const id = await insertReplay(listed, { rate: 50, elapsedMs: 500 });
  const released = await releaseReplay(stage.pool, id);
  expect(released).toBeGreaterThanOrEqual(25);
  expect(released).toBeLessThanOrEqual(50);
  const rows = await resends();
  // The oldest first, 20 ms apart.
  expect(rows.map((row) => row.delivery_id)).toEqual(
    listed.slice(0, released).map(([, delivery]) => delivery.id),
  );
  expect(rows.map((row) => row.due_at - row.created_at)).toEqual(rows.map((_, place) => place * 20));
  // As another dispatcher leaves it, that had it a moment later.
  await set(id, 'released_until = now_ms() + 60000');
  expect(await releaseReplay(stage.pool, id)).toBe(0);
});

test('what its rate gave while no dispatcher was there is not made up for', async () => {
  const webhookId = await insertWebhook(stage.database);
  const id = await insertReplay(await failedDeliveries(webhookId, 100), { rate: 20, elapsedMs: 3_600_000 });
  expect(await releaseReplay(stage.pool, id)).toBe(20);
});

test('several dispatchers at once: each delivery is handed over once, and counted once', async () => {
  const [one, two] = [await insertWebhook(stage.database), await insertWebhook(stage.database)];
  const listed = [...(await failedDeliveries(one, 150)), ...(await failedDeliveries(two, 150))];
  const id = await insertReplay(listed);
  const replayers = Array.from({ length: 5 }, () => replayer);
  const seen: string[] = [];
  while ((await replayOf(id))?.finished_at === null) {
    await set(id, 'released_until = 0');
    await Promise.all([...replayers.map((each) => each.round()), releaseReplay(stage.pool, id)]);
    const rows = await resends();
    seen.push(...rows.map((row) => row.delivery_id));
    // Twice, as after a kill between the answer and its record.
    await recordResends(rows.filter(({ webhook_id }) => webhook_id === one));
    await recordResends(rows.filter(({ webhook_id }) => webhook_id === one));
    await recordResends(
      rows.filter(({ webhook_id }) => webhook_id === two),
      false,
    );
  }
  expect([seen.length, new Set(seen).size]).toEqual([300, 300]);
  expect(await replayOf(id)).toMatchObject({ succeeded: 150, failed: 150 });
  expect(await stage.database.query('SELECT FROM replay_deliveries')).toEqual([]);
});

test('a receiver that hangs holds up no other webhook of the replay', async () => {
  const [hanging, quick] = [await insertWebhook(stage.database), await insertWebhook(stage.database)];
  const id = await insertReplay([
    ...(await failedDeliveries(hanging, 500)),
    ...(await failedDeliveries(quick, 50)),
  ]);
  for (let round = 0; round < 4; round += 1) {
    await set(id, 'released_until = 0');
    await replayer.round();
    await recordResends((await resends()).filter(({ webhook_id }) => webhook_id === quick));
  }
  const left = await stage.database.query(
    'SELECT webhook_id, count(*)::int AS count FROM replay_deliveries WHERE NOT released GROUP BY 1',
  );
  expect(left).toEqual([{ webhook_id: hanging, count: 300 }]);
});

test('waits for a paused webhook, fails what nobody would send, and then ends', async () => {
  const [paused, disabled, deleted] = [
    await insertWebhook(stage.database, { state: 'paused' }),
    await insertWebhook(stage.database, { state: 'disabled' }),
    await insertWebhook(stage.database),
  ];
  const id = await insertReplay([
    ...(await failedDeliveries(paused, 2)),
    ...(await failedDeliveries(disabled, 3)),
    ...(await failedDeliveries(deleted, 4)),
  ]);
  await stage.database.query('UPDATE webhooks SET deleted_at = 1 WHERE id = $1', [deleted]);
  await replayer.round();
  expect(await resends()).toEqual([]);
  const done = await stage.database.query<{ n: number }>(
    'SELECT count(*)::int AS n FROM replay_deliveries WHERE NOT succeeded',
  );
  expect(done).toEqual([{ n: 7 }]);
  expect(await replayOf(id)).toMatchObject({ finished_at: null });
  await stage.database.query("UPDATE webhooks SET state = 'enabled' WHERE id = $1", [paused]);
  await replayer.round();
  await recordResends(await resends());
  await replayer.round();
  expect(await replayOf(id)).toEqual({ finished_at: expect.any(Number), succeeded: 2, failed: 7 });
});

test('a resend that is dropped (its event is past its time) has failed', async () => {
  const webhookId = await insertWebhook(stage.database);
  const id = await insertReplay([[webhookId, await insertDelivery(stage.database, webhookId)]]);
  await replayer.round();
  await stage.database.query('DELETE FROM resends');
  await replayer.round();
  expect(await replayOf(id)).toMatchObject({ finished_at: expect.any(Number), succeeded: 0, failed: 1 });
});

test('cancelled: what is under way is recorded and counted, nothing else goes out', async () => {
  const webhookId = await insertWebhook(stage.database);
  const id = await insertReplay(await failedDeliveries(webhookId, 100), { rate: 10, elapsedMs: 1_000 });
  await replayer.round();
  const [claimed, ...others] = await resends();
  expect(others.length).toBeGreaterThan(0);
  await stage.database.query('UPDATE resends SET due_at = CASE id WHEN $1 THEN now_ms() + 60000 ELSE 0 END', [
    claimed?.id,
  ]);
  await set(id, 'cancelled_at = now_ms()');
  await replayer.round();
  expect((await resends()).map((row) => row.id)).toEqual([claimed?.id]);
  expect(await replayOf(id)).toMatchObject({ finished_at: null });
  await recordResends(await resends());
  await replayer.round();
  expect(await replayOf(id)).toMatchObject({ finished_at: expect.any(Number), succeeded: 1, failed: 0 });
  expect(await stage.database.query('SELECT FROM replay_deliveries')).toEqual([]);
});

test('with 50,000 to send a step takes no longer than with a few', async () => {
  const webhookId = await insertWebhook(stage.database);
  const id = await insertReplay([]);
  await stage.database.query(
    `INSERT INTO replay_deliveries (replay_id, organization_id, webhook_id, delivery_id)
     SELECT $1, $2, $3, uuidv7() FROM generate_series(1, 50000)`,
    [id, organizationId, webhookId],
  );
  await stage.database.query('ANALYZE replay_deliveries');
  await replayer.round();
  const startedMs = performance.now();
  await set(id, 'released_until = 0');
  await replayer.round();
  expect(performance.now() - startedMs).toBeLessThan(5_000);
});
