import { describe, expect, test } from '@jest/globals';
import { newId } from '@postrider/database';
import { organizationId, outcomeOf } from '../../test/makers.js';
import {
  insertDeliveries,
  insertDelivery,
  insertResend,
  insertWebhook,
  readDelivery,
  type InsertedDelivery,
} from '../../test/rows.js';
import { sqlStage } from '../../test/sql-stage.js';
import type { AttemptOutcome } from './outcome.js';
import { recordAttempts } from './record-attempts.js';

const stage = sqlStage();
const dayMs = 86_400_000;

const failure = {
  statusCode: 500,
  errorCode: 'http_status',
  errorMessage: 'the receiver answered 500',
} as const;
const retry = { ...failure, status: 'Pending', delayMs: 5_000 } as const;
const record = (...outcomes: AttemptOutcome[]) => recordAttempts(stage.pool, outcomes, 5 * dayMs);
const attemptsOf = (deliveryId: string) =>
  stage.database.query<Record<string, unknown>>('SELECT * FROM attempts WHERE delivery_id = $1 ORDER BY id', [
    deliveryId,
  ]);
const databaseNow = async (): Promise<number> =>
  (await stage.database.query<{ now: number }>('SELECT now_ms() AS now'))[0]?.now ?? 0;

test('a batch of all sorts moves each delivery on as its attempt ended', async () => {
  const webhookId = await insertWebhook(stage.database);
  const insert = (row = {}) => insertDelivery(stage.database, webhookId, row);
  const [received, retried, exhausted, lost] = [
    await insert(),
    await insert(),
    await insert(),
    await insert(),
  ];
  const failed = await insert({ status: 'Failed', dueInMs: null, attempts: 10 });
  const succeeded = await insert({ status: 'Succeeded', dueInMs: null, attempts: 1 });
  const resends = [
    await insertResend(stage.database, webhookId, failed.id),
    await insertResend(stage.database, webhookId, succeeded.id),
  ];
  const resend = (at: number) => ({ trigger: 'resend' as const, resendId: resends[at] ?? '', leaseUntil: 1 });
  const before = await databaseNow();
  const result = await record(
    outcomeOf(webhookId, received),
    outcomeOf(webhookId, retried, retry),
    outcomeOf(webhookId, exhausted, { ...failure, status: 'Failed' }),
    outcomeOf(webhookId, lost, { leaseUntil: lost.due_at - 1 }),
    outcomeOf(webhookId, failed, { ...resend(0), number: 11 }),
    outcomeOf(webhookId, succeeded, { ...failure, ...resend(1), number: 2, status: 'Failed' }),
  );
  expect(result).toEqual({ moved: 5, failing: [], told: 0 });
  const counts = (attempts_count: number, scheduled_attempts: number) => ({
    attempts_count,
    scheduled_attempts,
  });
  const lastFailure = {
    last_status_code: 500,
    last_error_code: 'http_status',
    last_error_message: 'the receiver answered 500',
    duration_ms: 42,
  };
  const lastSuccess = {
    last_status_code: 200,
    last_error_code: null,
    last_error_message: null,
    duration_ms: 42,
  };
  const read = ({ id }: InsertedDelivery) => readDelivery(stage.database, id);
  expect(await read(received)).toMatchObject({
    status: 'Succeeded',
    due_at: null,
    ...counts(1, 1),
    ...lastSuccess,
  });
  const waiting = await read(retried);
  expect(waiting).toMatchObject({ status: 'Pending', ...counts(1, 1), ...lastFailure });
  expect(waiting.due_at).toBeGreaterThanOrEqual(before + 5_000);
  expect(waiting.due_at).toBeLessThan(before + 7_000);
  expect(await read(exhausted)).toMatchObject({
    status: 'Failed',
    due_at: null,
    ...counts(1, 1),
    ...lastFailure,
  });
  expect(await read(lost)).toMatchObject({ status: 'Pending', due_at: lost.due_at, ...counts(0, 0) });
  expect(await read(failed)).toMatchObject({
    status: 'Succeeded',
    due_at: null,
    ...counts(11, 10),
    ...lastSuccess,
  });
  expect(await read(succeeded)).toMatchObject({
    status: 'Succeeded',
    due_at: null,
    ...counts(2, 1),
    ...lastFailure,
  });
  // Each attempt is on record, that of the lost lease too: it happened.
  for (const { id } of [received, retried, exhausted, lost, failed, succeeded])
    expect(await attemptsOf(id)).toHaveLength(1);
  expect(await stage.database.query('SELECT FROM resends')).toEqual([]);
});

test('an attempt is recorded as it was, byte for byte', async () => {
  const webhookId = await insertWebhook(stage.database);
  const [odd, plain, none] = [
    await insertDelivery(stage.database, webhookId),
    await insertDelivery(stage.database, webhookId),
    await insertDelivery(stage.database, webhookId),
  ];
  const responseBody = Buffer.from([0, 1, 0x22, 0x5c, 0xff, 0x7b, 0x2c, 0x7d]);
  const responseHeaders = JSON.stringify({
    'x-a': 'é "quoted", \\back\\ {brace} \u0000 \ud800',
    __proto__: 'x',
  });
  const url = 'https://example.com/a"b\\c,{d}?e=NULL';
  const long = 'x'.repeat(16_384);
  const outcomes = [
    outcomeOf(webhookId, odd, {
      responseBody,
      responseHeaders,
      url,
      errorCode: 'tls',
      errorMessage: 'a, "b" \\c {NULL}',
      hasAuthorization: true,
    }),
    outcomeOf(webhookId, plain, {
      request: '{"Body":"a, \\"b\\" {NULL} ü"}',
      responseBody: Buffer.from(long),
      responseHeaders: '{}',
      responseTruncated: true,
    }),
    outcomeOf(webhookId, none, {
      ...retry,
      statusCode: null,
      errorCode: 'dns',
      responseBody: null,
      responseHeaders: null,
      responseTruncated: null,
      hubSignature: null,
      standardSignature: null,
    }),
  ];
  await record(...outcomes);
  const [oddRow] = await attemptsOf(odd.id);
  expect(oddRow).toEqual({
    id: outcomes[0]?.attemptId,
    delivery_id: odd.id,
    organization_id: organizationId,
    started_at: 1_700_000_000_123,
    duration_ms: 42,
    number: 1,
    status_code: 200,
    response_truncated: false,
    has_authorization: true,
    trigger: 'event',
    error_code: 'tls',
    error_message: 'a, "b" \\c {NULL}',
    url,
    user_agent: 'Postrider/1',
    request: null,
    hub_signature: 'sha256=1',
    standard_signature: 'v1,1',
    response_headers: responseHeaders,
    response_body: responseBody,
  });
  const [plainRow] = await attemptsOf(plain.id);
  expect(plainRow).toMatchObject({
    request: '{"Body":"a, \\"b\\" {NULL} ü"}',
    response_body: Buffer.from(long),
    response_headers: '{}',
    response_truncated: true,
  });
  const [noneRow] = await attemptsOf(none.id);
  expect(noneRow).toMatchObject({
    status_code: null,
    response_body: null,
    response_headers: null,
    response_truncated: null,
    hub_signature: null,
    standard_signature: null,
  });
});

test('written twice (the answer to the first time was lost), it is recorded once', async () => {
  const webhookId = await insertWebhook(stage.database);
  const delivery = await insertDelivery(stage.database, webhookId);
  const outcome = outcomeOf(webhookId, delivery, retry);
  expect(await record(outcome)).toMatchObject({ moved: 1 });
  const after = await readDelivery(stage.database, delivery.id);
  expect(await record(outcome)).toMatchObject({ moved: 0 });
  expect(await readDelivery(stage.database, delivery.id)).toEqual(after);
  expect(await attemptsOf(delivery.id)).toHaveLength(1);
});

describe('a delivery whose webhook was paused, disabled or deleted while its attempt was under way', () => {
  test.each([
    ['Held', {}, 'Succeeded', false],
    ['Held', retry, 'Held', true],
    ['Held', { ...retry, status: 'Held' }, 'Held', true],
    ['Held', { ...failure, status: 'Failed' }, 'Failed', false],
    ['Cancelled', {}, 'Succeeded', false],
    ['Cancelled', retry, 'Cancelled', false],
    ['Cancelled', { ...failure, status: 'Failed' }, 'Failed', false],
    ['Pending', { ...retry, status: 'Held' }, 'Held', true],
    ['Pending', { ...failure, status: 'Cancelled' }, 'Cancelled', false],
  ] as const)('%s, and the attempt ends %j: %s', async (status, end, expected, hasNext) => {
    const webhookId = await insertWebhook(stage.database);
    // The change of status leaves due_at, the lease token, as it is.
    const delivery = await insertDelivery(stage.database, webhookId, { status, dueInMs: 20_000 });
    await record(outcomeOf(webhookId, delivery, end));
    const after = await readDelivery(stage.database, delivery.id);
    expect(after).toMatchObject({ status: expected, attempts_count: 1 });
    expect(after.due_at !== null).toBe(hasNext);
  });

  test.each(['Succeeded', 'Failed'])('what is %s already is not changed by a late answer', async (status) => {
    const webhookId = await insertWebhook(stage.database);
    const delivery = await insertDelivery(stage.database, webhookId, { status });
    expect(await record(outcomeOf(webhookId, delivery, retry))).toMatchObject({ moved: 0 });
    expect(await readDelivery(stage.database, delivery.id)).toMatchObject({ status, attempts_count: 0 });
  });
});

describe('resends', () => {
  test('of a pending delivery: a failure leaves its schedule as it was, a success ends it', async () => {
    const webhookId = await insertWebhook(stage.database);
    const row = { dueInMs: 300_000, attempts: 2 };
    const [waiting, ending] = [
      await insertDelivery(stage.database, webhookId, row),
      await insertDelivery(stage.database, webhookId, row),
    ];
    const resend = { trigger: 'resend', resendId: newId(), leaseUntil: 1, number: 3 } as const;
    await record(
      outcomeOf(webhookId, waiting, { ...failure, ...resend, status: 'Failed' }),
      outcomeOf(webhookId, ending, resend),
    );
    expect(await readDelivery(stage.database, waiting.id)).toMatchObject({
      status: 'Pending',
      due_at: waiting.due_at,
      attempts_count: 3,
      scheduled_attempts: 2,
    });
    expect(await readDelivery(stage.database, ending.id)).toMatchObject({
      status: 'Succeeded',
      due_at: null,
    });
    // The attempt that was under way meanwhile has lost its lease by that.
    expect(await record(outcomeOf(webhookId, ending, retry))).toMatchObject({ moved: 0 });
    expect(await attemptsOf(ending.id)).toHaveLength(2);
  });

  test('without end: the count of attempts stays within its type', async () => {
    const webhookId = await insertWebhook(stage.database);
    const delivery = await insertDelivery(stage.database, webhookId, {
      status: 'Succeeded',
      attempts: 32_766,
    });
    const resend = { trigger: 'resend', resendId: newId(), leaseUntil: 1, number: 32_767 } as const;
    await record(outcomeOf(webhookId, delivery, resend));
    expect(await readDelivery(stage.database, delivery.id)).toMatchObject({ attempts_count: 32_766 });
  });
});

describe('health of a webhook', () => {
  const healthOf = async (webhookId: string) =>
    (await stage.database.query('SELECT * FROM webhook_health WHERE webhook_id = $1', [webhookId]))[0];
  const outcomes = async (webhookId: string, ...received: boolean[]): Promise<AttemptOutcome[]> => {
    const deliveries = await insertDeliveries(stage.database, webhookId, { count: received.length });
    return deliveries.map((delivery, at) =>
      outcomeOf(webhookId, delivery, received[at] === true ? {} : retry),
    );
  };

  test('failures add up from the first one on; a success ends them', async () => {
    const webhookId = await insertWebhook(stage.database);
    await record(...(await outcomes(webhookId, false, false)));
    const first = await healthOf(webhookId);
    expect(first).toMatchObject({
      last_succeeded_at: null,
      consecutive_failures: 2,
      organization_id: organizationId,
    });
    expect(first?.['failing_since']).toBe(first?.['last_failed_at']);
    await record(...(await outcomes(webhookId, false)));
    const second = await healthOf(webhookId);
    expect(second).toMatchObject({ failing_since: first?.['failing_since'], consecutive_failures: 3 });
    await record(...(await outcomes(webhookId, false, true)));
    const third = await healthOf(webhookId);
    expect(third).toMatchObject({ failing_since: null, consecutive_failures: 0 });
    expect(third?.['last_succeeded_at']).toBe(third?.['last_failed_at']);
    await record(...(await outcomes(webhookId, true, false, false)));
    const fourth = await healthOf(webhookId);
    expect(fourth).toMatchObject({ consecutive_failures: 2 });
    expect(fourth?.['failing_since']).toBe(fourth?.['last_failed_at']);
  });

  const toldOf = (webhookId: string) =>
    stage.database.query(
      'SELECT topic, consecutive_failures, failing_since FROM operational_events WHERE webhook_id = $1 ORDER BY created_at, topic',
      [webhookId],
    );
  const failures = (count: number): boolean[] => Array.from({ length: count }, () => false);

  test('a message for many that fails is one failure', async () => {
    const webhookId = await insertWebhook(stage.database);
    const [first, ...along] = await outcomes(webhookId, ...failures(30));
    if (first === undefined) throw new Error('thirty were made');
    const result = await record(first, ...along.map((outcome) => ({ ...outcome, isAlong: true })));
    expect(result).toMatchObject({ moved: 30, told: 0 });
    expect(await healthOf(webhookId)).toMatchObject({ consecutive_failures: 1 });
  });

  test('ten failures in a row are told once, and the success after them', async () => {
    const webhookId = await insertWebhook(stage.database);
    const send = async (...received: boolean[]) => record(...(await outcomes(webhookId, ...received)));
    expect((await send(...failures(9))).told).toBe(0);
    expect((await send(false, false)).told).toBe(1);
    expect((await send(...failures(30))).told).toBe(0);
    const { failing_since } = (await healthOf(webhookId)) ?? {};
    const failing = { topic: 'webhook.failing', consecutive_failures: 11, failing_since };
    expect(await toldOf(webhookId)).toEqual([failing]);
    expect((await send(true)).told).toBe(1);
    expect((await send(true, ...failures(9), true)).told).toBe(0);
    const recovered = { topic: 'webhook.recovered', consecutive_failures: 0, failing_since: null };
    expect(await toldOf(webhookId)).toEqual([failing, recovered]);
    // Up and down within one batch, at either end of a run.
    expect((await send(...failures(12), true)).told).toBe(0);
    expect((await send(true, ...failures(10))).told).toBe(1);
    expect((await send(true, ...failures(10))).told).toBe(0);
    expect((await send(...failures(3), true, ...failures(3))).told).toBe(1);
  });

  test('a new one whose first batch fails is told', async () => {
    const webhookId = await insertWebhook(stage.database);
    expect((await record(...(await outcomes(webhookId, ...failures(10))))).told).toBe(1);
    expect(await toldOf(webhookId)).toMatchObject([{ topic: 'webhook.failing', consecutive_failures: 10 }]);
  });

  test('of several dispatchers that record at the same time one tells it', async () => {
    const webhookId = await insertWebhook(stage.database);
    const batches = await Promise.all(Array.from({ length: 8 }, () => outcomes(webhookId, ...failures(4))));
    const results = await Promise.all(batches.map((batch) => record(...batch)));
    expect(results.map(({ told }) => told).reduce((sum, told) => sum + told)).toBe(1);
  });

  test('one that has only failed for five days is told; one that succeeded in between is not', async () => {
    const [failing, recovered, young] = [
      await insertWebhook(stage.database),
      await insertWebhook(stage.database),
      await insertWebhook(stage.database),
    ];
    for (const webhookId of [failing, recovered, young]) await record(...(await outcomes(webhookId, false)));
    const age = (webhookId: string, ms: number) =>
      stage.database.query(
        'UPDATE webhook_health SET failing_since = failing_since - $2 WHERE webhook_id = $1',
        [webhookId, ms],
      );
    await age(failing, 5 * dayMs + 1_000);
    await age(recovered, 5 * dayMs + 1_000);
    await age(young, 5 * dayMs - 60_000);
    const batch = [
      ...(await outcomes(failing, false)),
      ...(await outcomes(recovered, true, false)),
      ...(await outcomes(young, false)),
    ];
    expect(await record(...batch)).toEqual({ moved: 4, failing: [failing], told: 0 });
  });
});

test('five hundred outcomes of two hundred webhooks go in one statement', async () => {
  const outcomes: AttemptOutcome[] = [];
  for (let at = 0; at < 200; at += 1) {
    const webhookId = await insertWebhook(stage.database);
    const deliveries = await insertDeliveries(stage.database, webhookId, { count: at < 100 ? 3 : 2 });
    outcomes.push(...deliveries.map((delivery) => outcomeOf(webhookId, delivery)));
  }
  expect(await record(...outcomes)).toEqual({ moved: 500, failing: [], told: 0 });
});
