// The configuration as event-ingest and dispatcher know it, read from PostgreSQL: at boot, after a reconnect, and every
// now and then, so that a lost notice costs seconds at most. Index: *_updated_at.
import type { ConfigurationEntry, WebhookConfiguration } from '@postrider/contracts';
import type { Pool } from 'pg';

interface WebhookRow {
  id: string;
  organization_id: string;
  alias: string | null;
  type: WebhookConfiguration['Type'];
  url: string | null;
  email: string | null;
  email_confirmed_at: number | null;
  topics: string[];
  filter: WebhookConfiguration['Filter'];
  state: WebhookConfiguration['State'];
  disabled_reason: WebhookConfiguration['DisabledReason'];
  timeout_seconds: number;
  retry_schedule: number[] | null;
  rate_limit_per_second: number | null;
  secret_version: number;
  created_at: number;
  updated_at: number;
  deleted_at: number | null;
  version: number;
}

const webhookColumns = `id, organization_id, alias, type, url, email, email_confirmed_at, topics, filter, state, disabled_reason,
  timeout_seconds, retry_schedule, rate_limit_per_second, secret_version, created_at, updated_at, deleted_at, version`;

/**
 * All entries changed at or after `sinceMs` (database clock; 0: all), deleted ones included as `Deleted`.
 * Call it with the time of the last call less a minute: a transaction may commit later than its `updated_at` says.
 */
export async function loadConfiguration(pool: Pool, sinceMs: number): Promise<ConfigurationEntry[]> {
  const organizations = await pool.query<{ id: string; deleted_at: number | null; version: number }>(
    'SELECT id, deleted_at, version FROM organizations WHERE updated_at >= $1',
    [sinceMs],
  );
  const topics = await pool.query<{
    name: string;
    schema: Record<string, unknown> | null;
    enforce_schema: boolean;
    deleted_at: number | null;
    version: number;
  }>('SELECT name, schema, enforce_schema, deleted_at, version FROM topics WHERE updated_at >= $1', [
    sinceMs,
  ]);
  const webhooks = await pool.query<WebhookRow>(
    `SELECT ${webhookColumns} FROM webhooks WHERE updated_at >= $1 AND ($1 > 0 OR deleted_at IS NULL)`,
    [sinceMs],
  );
  return [
    ...organizations.rows.map((row): ConfigurationEntry => ({
      kind: 'organization',
      value: { Id: row.id, Deleted: row.deleted_at !== null, Version: row.version },
    })),
    ...topics.rows.map((row): ConfigurationEntry => ({
      kind: 'topic',
      value: {
        Name: row.name,
        Schema: row.schema,
        EnforceSchema: row.enforce_schema,
        Deleted: row.deleted_at !== null,
        Version: row.version,
      },
    })),
    ...webhooks.rows.map(toWebhookEntry),
  ];
}

/** One webhook as it stands now, or null when there is none. */
export async function loadWebhookConfiguration(
  pool: Pool,
  organizationId: string,
  webhookId: string,
): Promise<WebhookConfiguration | null> {
  const result = await pool.query<WebhookRow>(
    `SELECT ${webhookColumns} FROM webhooks WHERE organization_id = $1 AND id = $2`,
    [organizationId, webhookId],
  );
  const row = result.rows[0];
  return row === undefined ? null : toWebhookConfiguration(row);
}

function toWebhookEntry(row: WebhookRow): ConfigurationEntry {
  return { kind: 'webhook', value: toWebhookConfiguration(row) };
}

function toWebhookConfiguration(row: WebhookRow): WebhookConfiguration {
  return {
    Id: row.id,
    OrganizationId: row.organization_id,
    Alias: row.alias,
    Type: row.type,
    Url: row.url,
    Email: row.email,
    EmailConfirmedAt: row.email_confirmed_at,
    Topics: row.topics,
    Filter: row.filter,
    State: row.state,
    DisabledReason: row.disabled_reason,
    TimeoutSeconds: row.timeout_seconds,
    RetrySchedule: row.retry_schedule,
    RateLimitPerSecond: row.rate_limit_per_second,
    SecretVersion: row.secret_version,
    CreatedAt: row.created_at,
    UpdatedAt: row.updated_at,
    Deleted: row.deleted_at !== null,
    Version: row.version,
  };
}
