// What config-api asks of the dispatcher: deliveries are the dispatcher's to change. Many rows go in steps, so that no
// statement locks for long. Indexes: deliveries_due (Pending), deliveries_held (Held).
import { newId } from '@postrider/database';
import type { Pool } from 'pg';

const rowsPerStep = 2_000;

async function inSteps(pool: Pool, text: string, values: readonly unknown[]): Promise<number> {
  let total = 0;
  for (;;) {
    const result = await pool.query(text, [...values, rowsPerStep]);
    const rows = result.rowCount ?? 0;
    total += rows;
    if (rows < rowsPerStep) return total;
  }
}

/** due_at stays: it is the lease token of an attempt under way, which then records its success. Pings go on. */
export function holdPending(pool: Pool, webhookId: string): Promise<number> {
  return inSteps(
    pool,
    `UPDATE deliveries d SET status = 'Held', updated_at = now_ms()
     FROM (SELECT organization_id, id FROM deliveries
           WHERE webhook_id = $1 AND status = 'Pending' AND trigger <> 'ping' LIMIT $2 FOR UPDATE SKIP LOCKED) p
     WHERE d.organization_id = p.organization_id AND d.id = p.id`,
    [webhookId],
  );
}

/** Pending and Held ones: their webhook is deleted or disabled. */
export async function cancelPending(pool: Pool, webhookId: string): Promise<number> {
  let total = 0;
  for (const status of ['Pending', 'Held']) {
    total += await inSteps(
      pool,
      `UPDATE deliveries d SET status = 'Cancelled', updated_at = now_ms()
       FROM (SELECT organization_id, id FROM deliveries
             WHERE webhook_id = $1 AND status = '${status}' LIMIT $2 FOR UPDATE SKIP LOCKED) p
       WHERE d.organization_id = p.organization_id AND d.id = p.id`,
      [webhookId],
    );
  }
  return total;
}

/** What waits for a retry goes on waiting for it; the rest is due now. */
export function deliverHeld(pool: Pool, webhookId: string): Promise<number> {
  return inSteps(
    pool,
    `UPDATE deliveries d SET status = 'Pending', due_at = greatest(coalesce(d.due_at, 0), now_ms()), updated_at = now_ms()
     FROM (SELECT organization_id, id FROM deliveries
           WHERE webhook_id = $1 AND status = 'Held' LIMIT $2 FOR UPDATE SKIP LOCKED) p
     WHERE d.organization_id = p.organization_id AND d.id = p.id`,
    [webhookId],
  );
}

export function discardHeld(pool: Pool, webhookId: string): Promise<number> {
  return inSteps(
    pool,
    `UPDATE deliveries d SET status = 'Cancelled', due_at = NULL, updated_at = now_ms()
     FROM (SELECT organization_id, id FROM deliveries
           WHERE webhook_id = $1 AND status = 'Held' LIMIT $2 FOR UPDATE SKIP LOCKED) p
     WHERE d.organization_id = p.organization_id AND d.id = p.id`,
    [webhookId],
  );
}

/** A webhook that is resumed has five days again: else its next failure would disable it at once. */
export async function restartFailureClock(pool: Pool, webhookId: string): Promise<void> {
  await pool.query(
    'UPDATE webhook_health SET failing_since = NULL, consecutive_failures = 0 WHERE webhook_id = $1',
    [webhookId],
  );
}

/** The same where no dispatcher heard of the resume: true when the clock began before it, and now begins with it. */
export async function beginFailureClockAtResume(pool: Pool, webhookId: string): Promise<boolean> {
  const result = await pool.query(
    `UPDATE webhook_health h SET failing_since = w.resumed_at FROM webhooks w
     WHERE h.webhook_id = $1 AND w.organization_id = h.organization_id AND w.id = h.webhook_id
       AND h.failing_since < w.resumed_at`,
    [webhookId],
  );
  return result.rowCount === 1;
}

/** Asks for one attempt of a delivery; null when there is no such delivery, or its webhook is deleted. */
export async function requestResend(
  pool: Pool,
  organizationId: string,
  deliveryId: string,
): Promise<string | null> {
  const id = newId();
  const result = await pool.query(
    `INSERT INTO resends (id, organization_id, webhook_id, delivery_id, due_at, created_at)
     SELECT $1, d.organization_id, d.webhook_id, d.id, now_ms(), now_ms()
     FROM deliveries d JOIN webhooks w ON w.organization_id = d.organization_id AND w.id = d.webhook_id
     WHERE d.organization_id = $2 AND d.id = $3 AND w.deleted_at IS NULL`,
    [id, organizationId, deliveryId],
  );
  return result.rowCount === 1 ? id : null;
}

/** 410, or failing for days: true when this call disabled it. What is told of it is committed with it. */
export async function disableWebhook(
  pool: Pool,
  organizationId: string,
  webhookId: string,
  reason: 'gone' | 'failing',
): Promise<boolean> {
  const result = await pool.query(
    `WITH disabled AS (
       UPDATE webhooks SET state = 'disabled', disabled_reason = $3, version = nextval('config_version'), updated_at = now_ms()
       WHERE organization_id = $1 AND id = $2 AND state <> 'disabled' AND deleted_at IS NULL
       RETURNING organization_id, id, disabled_reason
     )
     INSERT INTO operational_events
       (organization_id, webhook_id, topic, reason, consecutive_failures, failing_since, created_at, due_at)
     SELECT d.organization_id, d.id, 'webhook.disabled', d.disabled_reason,
       -- The 410 itself is recorded after this.
       coalesce(h.consecutive_failures, 0) + CASE WHEN d.disabled_reason = 'gone' THEN 1 ELSE 0 END,
       h.failing_since, now_ms(), now_ms()
     FROM disabled d LEFT JOIN webhook_health h ON h.webhook_id = d.id`,
    [organizationId, webhookId, reason],
  );
  return result.rowCount === 1;
}
