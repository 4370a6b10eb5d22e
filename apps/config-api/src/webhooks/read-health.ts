import type { Pool } from 'pg';
import type { WebhookHealth } from './to-webhook-response.js';

/** Health by webhook id; index: webhook_health's primary key. */
export async function readHealth(
  pool: Pool,
  organizationId: string,
  webhookIds: readonly string[],
): Promise<Map<string, WebhookHealth>> {
  if (webhookIds.length === 0) return new Map();
  const result = await pool.query<{
    webhook_id: string;
    last_succeeded_at: number | null;
    last_failed_at: number | null;
  }>(
    `SELECT webhook_id, last_succeeded_at, last_failed_at FROM webhook_health
     WHERE webhook_id = ANY($2::uuid[]) AND organization_id = $1`,
    [organizationId, webhookIds],
  );
  return new Map(
    result.rows.map((row) => [
      row.webhook_id,
      { lastSucceededAt: row.last_succeeded_at, lastFailedAt: row.last_failed_at },
    ]),
  );
}
