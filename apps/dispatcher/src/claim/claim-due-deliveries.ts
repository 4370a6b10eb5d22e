// Claims what is due: retries, crashes, parked, resumed ones all come this way. A claim is a new lease, by the
// database's clock; SKIP LOCKED keeps dispatchers out of each other's way. Of a webhook's quota a part is for what came due
// last: else what came while its receiver was away would wait for all that had gathered before.
// Index: deliveries_due (webhook_id, due_at) WHERE status = 'Pending'.
import { arrayParam } from '@postrider/database';
import type { Pool } from 'pg';

const text = `
WITH t AS MATERIALIZED (SELECT now_ms() AS now),
q AS MATERIALIZED (
  SELECT * FROM t, unnest($1::uuid[], $2::integer[], $3::integer[]) AS q(webhook_id, quota, lease_ms)
),
picked AS MATERIALIZED (
  SELECT p.organization_id, p.id, q.lease_ms FROM q CROSS JOIN LATERAL (
    SELECT d.organization_id, d.id FROM deliveries d
    WHERE d.status = 'Pending' AND d.webhook_id = q.webhook_id AND d.due_at <= q.now
    ORDER BY d.due_at LIMIT q.quota - q.quota / 4 FOR UPDATE SKIP LOCKED
  ) AS p
  UNION
  SELECT p.organization_id, p.id, q.lease_ms FROM q CROSS JOIN LATERAL (
    SELECT d.organization_id, d.id FROM deliveries d
    WHERE d.status = 'Pending' AND d.webhook_id = q.webhook_id AND d.due_at <= q.now
    ORDER BY d.due_at DESC LIMIT q.quota / 4 FOR UPDATE SKIP LOCKED
  ) AS p
),
claimed AS (
  UPDATE deliveries d SET due_at = t.now + picked.lease_ms
  FROM picked, t WHERE d.organization_id = picked.organization_id AND d.id = picked.id
  RETURNING d.id, d.organization_id, d.webhook_id, d.event_uid, d.event_id, d.topic, d.due_at, d.trigger,
    d.attempts_count, d.scheduled_attempts
)
SELECT c.*, convert_to(e.text, 'UTF8') AS text
FROM claimed c JOIN events e ON e.organization_id = c.organization_id AND e.uid = c.event_uid`;

export interface ClaimQuota {
  readonly webhookId: string;
  /** Deliveries at most. */
  readonly quota: number;
  readonly leaseMs: number;
}

export interface ClaimedDelivery {
  readonly id: string;
  readonly organization_id: string;
  readonly webhook_id: string;
  readonly event_uid: string;
  readonly event_id: string;
  readonly topic: string;
  readonly due_at: number;
  readonly trigger: 'event' | 'ping';
  readonly attempts_count: number;
  readonly scheduled_attempts: number;
  readonly text: Buffer;
}

/** Due deliveries of each webhook, up to its quota: the oldest, and in a quarter of it the latest; with their texts. */
export async function claimDueDeliveries(
  pool: Pool,
  quotas: readonly ClaimQuota[],
): Promise<ClaimedDelivery[]> {
  const result = await pool.query<ClaimedDelivery>({
    name: 'claim-due-deliveries',
    text,
    values: [
      arrayParam(quotas.map((q) => q.webhookId)),
      arrayParam(quotas.map((q) => q.quota)),
      arrayParam(quotas.map((q) => q.leaseMs)),
    ],
  });
  return result.rows;
}
