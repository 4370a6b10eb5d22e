import { expect, test } from '@jest/globals';
import { newId } from '@postrider/database';
import { organizationId } from '../../test/makers.js';
import { insertDeliveries, insertWebhook, readDelivery, type InsertedDelivery } from '../../test/rows.js';
import { sqlStage } from '../../test/sql-stage.js';
import type { AttemptOutcome } from './outcome.js';
import { recordAttempts } from './record-attempts.js';
import { recordEach } from './record-each.js';

const stage = sqlStage();

const outcomeOf = (
  webhookId: string,
  delivery: InsertedDelivery,
  changes: Partial<AttemptOutcome> = {},
): AttemptOutcome => ({
  attemptId: newId(),
  organizationId,
  deliveryId: delivery.id,
  webhookId,
  resendId: null,
  trigger: 'event',
  number: 1,
  leaseUntil: delivery.due_at,
  startedAt: 1_700_000_000_123,
  durationMs: 42,
  statusCode: 200,
  errorCode: null,
  errorMessage: null,
  url: 'https://example.com/hook',
  userAgent: 'Postrider/1',
  hasAuthorization: false,
  hubSignature: null,
  standardSignature: null,
  responseHeaders: '{}',
  responseBody: Buffer.from('ok'),
  responseTruncated: false,
  request: null,
  status: 'Succeeded',
  delayMs: null,
  ...changes,
});

test('outcomes that PostgreSQL refuses hold up none of their neighbours, and are recorded without the answer', async () => {
  const webhookId = await insertWebhook(stage.database);
  const deliveries = await insertDeliveries(stage.database, webhookId, { count: 100 });
  const batch = deliveries.map((delivery, at) =>
    // NUL is no text; a status beyond smallint is no number that even the bare row could have.
    outcomeOf(
      webhookId,
      delivery,
      at === 17 ? { responseHeaders: '{"a":"\0"}' } : at === 60 ? { statusCode: 99_999 } : {},
    ),
  );
  const refused: [string, boolean][] = [];
  const { moved } = await recordEach(batch, {
    record: (outcomes) => recordAttempts(stage.pool, outcomes, 1_000_000),
    onRefused: ({ deliveryId }, _error, isLost) => refused.push([deliveryId, isLost]),
  });
  expect(moved).toBe(99);
  expect(refused).toEqual([
    [deliveries[17]?.id, false],
    [deliveries[60]?.id, true],
  ]);
  const statuses: string[] = [];
  for (const { id } of deliveries) statuses.push((await readDelivery(stage.database, id)).status);
  expect(statuses).toEqual(deliveries.map((_, at) => (at === 60 ? 'Pending' : 'Succeeded')));
});

test('a database that is away is told as such: the whole batch is tried again', async () => {
  const away = Object.assign(new Error('the database system is shutting down'), { code: '57P01' });
  const outcomes = recordEach([], { record: () => Promise.reject(away), onRefused: () => undefined });
  await expect(outcomes).rejects.toBe(away);
});
