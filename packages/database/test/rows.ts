// Rows as the services write them, with just what a test is about.
import type { TestDatabase } from '@postrider/test-kit';
import { newId } from '../src/ids.js';

export const dayMs = 86_400_000;
export const dayName = (ms: number): string => new Date(ms).toISOString().slice(0, 10).replaceAll('-', '');
export const anyOrganization = '0192f0c1-7a3b-7c4d-8e5f-000000000001';

interface EventRow {
  readonly ms: number;
  readonly organizationId?: string;
}

export async function addEvent(database: TestDatabase, row: EventRow): Promise<string> {
  const uid = newId(row.ms);
  await database.query(
    `INSERT INTO events (uid, organization_id, id, topic, source, times_given, deliveries, text)
     VALUES ($1, $2, $3, 'job.execution.failed', 'http', 0, 1, '{}')`,
    [uid, row.organizationId ?? anyOrganization, uid],
  );
  return uid;
}

interface DeliveryRow extends EventRow {
  readonly status: string;
  readonly eventUid?: string;
  readonly webhookId?: string;
}

export async function addDelivery(database: TestDatabase, row: DeliveryRow): Promise<string> {
  const id = newId(row.ms);
  await database.query(
    `INSERT INTO deliveries (id, organization_id, webhook_id, event_uid, due_at, updated_at, status, trigger, event_id, topic)
     VALUES ($1, $2, $3, $4, CASE WHEN $5 = 'Pending' THEN now_ms() END, now_ms(), $5, 'event', 'e', 't')`,
    [
      id,
      row.organizationId ?? anyOrganization,
      row.webhookId ?? newId(),
      row.eventUid ?? newId(row.ms),
      row.status,
    ],
  );
  return id;
}

interface AttemptRow extends EventRow {
  readonly deliveryId: string;
}

export async function addAttempt(database: TestDatabase, row: AttemptRow): Promise<void> {
  await database.query(
    `INSERT INTO attempts (id, delivery_id, organization_id, started_at, duration_ms, number, has_authorization, trigger, url, user_agent)
     VALUES ($1, $2, $3, $4, 1, 1, false, 'event', 'https://example.com', 'Postrider')`,
    [newId(row.ms), row.deliveryId, row.organizationId ?? anyOrganization, row.ms],
  );
}

interface OrganizationRow {
  /** Age of the deletion; null: not deleted. */
  readonly deletedMsAgo?: number | null;
}

export async function addOrganization(
  database: TestDatabase,
  { deletedMsAgo = null }: OrganizationRow = {},
): Promise<string> {
  const id = newId();
  await database.query(
    `INSERT INTO organizations (id, name, created_at, updated_at, deleted_at)
     VALUES ($1, 'Acme', now_ms(), now_ms(), now_ms() - $2::bigint)`,
    [id, deletedMsAgo],
  );
  return id;
}

export async function addWebhook(
  database: TestDatabase,
  { organizationId, deletedMsAgo = null }: OrganizationRow & { organizationId: string },
): Promise<string> {
  const id = newId();
  await database.query(
    `INSERT INTO webhooks (id, organization_id, type, url, topics, timeout_seconds, secret_version, created_at, updated_at, deleted_at)
     VALUES ($1, $2, 'webhook', 'https://example.com', '{*}', 15, 1, now_ms(), now_ms(), now_ms() - $3::bigint)`,
    [id, organizationId, deletedMsAgo],
  );
  return id;
}

/** One row in every table that an organization has rows in. */
export async function fillOrganization(
  database: TestDatabase,
  organizationId: string,
  webhookId: string,
): Promise<void> {
  const ms = Date.now();
  const eventUid = await addEvent(database, { ms, organizationId });
  const deliveryId = await addDelivery(database, {
    ms,
    organizationId,
    webhookId,
    eventUid,
    status: 'Pending',
  });
  await addAttempt(database, { ms, organizationId, deliveryId });
  const rows: [string, unknown[]][] = [
    [`INSERT INTO event_ids VALUES ($1, 'e', $2, 1, now_ms())`, [organizationId, eventUid]],
    [
      `INSERT INTO rejected_events VALUES ($2, $1, 's', NULL, NULL, 'malformed_json', 'r', '[]', '\\x00', false)`,
      [organizationId, newId()],
    ],
    [`INSERT INTO resends VALUES ($2, $1, $3, $4, 0, 0)`, [organizationId, newId(), webhookId, deliveryId]],
    [`INSERT INTO webhook_health VALUES ($2, $1)`, [organizationId, webhookId]],
    [`INSERT INTO webhook_minutes VALUES ($2, now_ms(), $1, 1, 0, '{}')`, [organizationId, webhookId]],
    [`INSERT INTO signing_secrets VALUES ($2, 1, $1, '\\x00', 'k', 0)`, [organizationId, webhookId]],
    [`INSERT INTO webhook_credentials VALUES ($2, $1, 1, '\\x00', 'k', 0)`, [organizationId, webhookId]],
    [
      `INSERT INTO api_keys VALUES ($2, $1, 'n', '{}', 'pr_', decode(md5($2::uuid::text), 'hex'), now_ms())`,
      [organizationId, newId()],
    ],
  ];
  for (const [sql, params] of rows) await database.query(sql, params);
}
