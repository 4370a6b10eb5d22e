// Claims resends that were asked for. Their deliveries keep their own status and schedule.
// Index: resends_due (webhook_id, due_at).
import { arrayParam } from '@postrider/database';
import type { Pool } from 'pg';
import type { ClaimQuota } from './claim-due-deliveries.js';

const text = `
WITH t AS MATERIALIZED (SELECT now_ms() AS now),
picked AS MATERIALIZED (
  SELECT p.id, q.lease_ms
  FROM t, unnest($1::uuid[], $2::integer[], $3::integer[]) AS q(webhook_id, quota, lease_ms)
  CROSS JOIN LATERAL (
    SELECT s.id FROM resends s WHERE s.webhook_id = q.webhook_id AND s.due_at <= t.now
    ORDER BY s.due_at LIMIT q.quota FOR UPDATE SKIP LOCKED
  ) AS p
),
claimed AS (
  UPDATE resends s SET due_at = t.now + picked.lease_ms FROM picked, t WHERE s.id = picked.id
  RETURNING s.id, s.organization_id, s.webhook_id, s.delivery_id, s.due_at
)
SELECT c.id AS resend_id, c.due_at, d.id, d.organization_id, c.webhook_id, d.event_id, d.topic, d.attempts_count,
  d.scheduled_attempts, convert_to(e.text, 'UTF8') AS text
FROM claimed c
LEFT JOIN deliveries d ON d.organization_id = c.organization_id AND d.id = c.delivery_id
LEFT JOIN events e ON e.organization_id = d.organization_id AND e.uid = d.event_uid`;

/** A null id or text: the delivery or its event is gone, and the resend with it. */
export interface ClaimedResend {
  readonly resend_id: string;
  readonly due_at: number;
  readonly id: string | null;
  readonly organization_id: string;
  readonly webhook_id: string;
  readonly event_id: string;
  readonly topic: string;
  readonly attempts_count: number;
  readonly scheduled_attempts: number;
  readonly text: Buffer | null;
}

/** The oldest due resends of each webhook, up to its quota. */
export async function claimDueResends(pool: Pool, quotas: readonly ClaimQuota[]): Promise<ClaimedResend[]> {
  const result = await pool.query<ClaimedResend>({
    name: 'claim-due-resends',
    text,
    values: [
      arrayParam(quotas.map((q) => q.webhookId)),
      arrayParam(quotas.map((q) => q.quota)),
      arrayParam(quotas.map((q) => q.leaseMs)),
    ],
  });
  return result.rows;
}

/** Resends whose delivery is gone. */
export async function deleteResends(pool: Pool, ids: readonly string[]): Promise<void> {
  await pool.query('DELETE FROM resends WHERE id = ANY($1::uuid[])', [ids]);
}
