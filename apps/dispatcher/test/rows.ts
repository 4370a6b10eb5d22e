// Rows as config-api and event-ingest leave them, for tests of the dispatcher's SQL.
import { newId } from '@postrider/database';
import type { TestDatabase } from '@postrider/test-kit';
import { organizationId } from './makers.js';

export interface WebhookRow {
  readonly id?: string;
  readonly type?: 'webhook' | 'slack' | 'teams';
  readonly url?: string;
  readonly state?: 'enabled' | 'paused' | 'disabled';
  readonly timeoutSeconds?: number;
  readonly retrySchedule?: readonly number[] | null;
  readonly rateLimitPerSecond?: number | null;
}

/** Answers its id. The organization comes with the first one. */
export async function insertWebhook(database: TestDatabase, row: WebhookRow = {}): Promise<string> {
  const id = row.id ?? newId();
  await database.query(
    `INSERT INTO organizations (id, name, created_at, updated_at) VALUES ($1, 'Test', now_ms(), now_ms())
     ON CONFLICT DO NOTHING`,
    [organizationId],
  );
  await database.query(
    `INSERT INTO webhooks (id, organization_id, type, url, topics, state, timeout_seconds, retry_schedule,
       rate_limit_per_second, secret_version, created_at, updated_at)
     VALUES ($1, $2, $8, $3, '{*}', $4, $5, $6, $7, 1, now_ms(), now_ms())`,
    [
      id,
      organizationId,
      row.url ?? 'https://example.com/hook',
      row.state ?? 'enabled',
      row.timeoutSeconds ?? 15,
      row.retrySchedule ?? null,
      row.rateLimitPerSecond ?? null,
      row.type ?? 'webhook',
    ],
  );
  return id;
}

export interface DeliveryRow {
  readonly count?: number;
  readonly status?: string;
  readonly trigger?: 'event' | 'ping';
  /** ms from now; null: none. Default 0. */
  readonly dueInMs?: number | null;
  readonly attempts?: number;
  readonly scheduledAttempts?: number;
}

export interface InsertedDelivery {
  readonly id: string;
  readonly due_at: number;
  readonly event_id: string;
}

/** Inserts deliveries with an event each; the first is due first. */
export async function insertDeliveries(
  database: TestDatabase,
  webhookId: string,
  row: DeliveryRow = {},
): Promise<InsertedDelivery[]> {
  const { count = 1, status = 'Pending', trigger = 'event', dueInMs = 0 } = row;
  return database.query<InsertedDelivery>(
    `WITH e AS (
       INSERT INTO events (uid, organization_id, id, topic, source, times_given, deliveries, text)
       SELECT u.uid, $1, u.uid::text, 'job.execution.failed', 'http', 0, 1, '{"Id":"' || u.uid || '","Data":{}}'
       FROM (SELECT uuidv7() AS uid FROM generate_series(1, $3)) AS u
       RETURNING uid, id
     )
     INSERT INTO deliveries (id, organization_id, webhook_id, event_uid, due_at, updated_at, attempts_count,
       scheduled_attempts, status, trigger, event_id, topic)
     SELECT uuidv7(), $1, $2, uid, now_ms() + $4::bigint - $3 + row_number() OVER (), now_ms(), $5, $6, $7, $8, id,
       'job.execution.failed'
     FROM e RETURNING id, due_at, event_id`,
    [
      organizationId,
      webhookId,
      count,
      dueInMs,
      row.attempts ?? 0,
      row.scheduledAttempts ?? row.attempts ?? 0,
      status,
      trigger,
    ],
  );
}

export async function insertDelivery(
  database: TestDatabase,
  webhookId: string,
  row: DeliveryRow = {},
): Promise<InsertedDelivery> {
  const [inserted] = await insertDeliveries(database, webhookId, row);
  if (inserted === undefined) throw new Error('no delivery was inserted');
  return inserted;
}

export async function insertResend(
  database: TestDatabase,
  webhookId: string,
  deliveryId: string,
): Promise<string> {
  const id = newId();
  await database.query(
    `INSERT INTO resends (id, organization_id, webhook_id, delivery_id, due_at, created_at)
     VALUES ($1, $2, $3, $4, now_ms(), now_ms())`,
    [id, organizationId, webhookId, deliveryId],
  );
  return id;
}

export interface DeliveryState {
  readonly id: string;
  readonly status: string;
  readonly due_at: number | null;
  readonly attempts_count: number;
  readonly scheduled_attempts: number;
  readonly last_status_code: number | null;
  readonly last_error_code: string | null;
  readonly last_error_message: string | null;
  readonly duration_ms: number | null;
}

export async function readDelivery(database: TestDatabase, id: string): Promise<DeliveryState> {
  const [row] = await database.query<DeliveryState>(
    `SELECT id, status, due_at, attempts_count, scheduled_attempts, last_status_code, last_error_code,
       last_error_message, duration_ms FROM deliveries WHERE id = $1`,
    [id],
  );
  if (row === undefined) throw new Error(`there is no delivery ${id}`);
  return row;
}

/** How many deliveries of a webhook there are in each status. */
export async function countByStatus(
  database: TestDatabase,
  webhookId: string,
): Promise<Record<string, number>> {
  const rows = await database.query<{ status: string; count: number }>(
    'SELECT status, count(*)::int AS count FROM deliveries WHERE webhook_id = $1 GROUP BY status',
    [webhookId],
  );
  return Object.fromEntries(rows.map(({ status, count }) => [status, count]));
}
