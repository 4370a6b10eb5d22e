// Writes a batch of outcomes in one statement: attempts, deliveries, resends with their replays, the health of webhooks.
// An attempt is written whatever became of its lease: it happened. Its delivery moves on only while the lease token
// (due_at) is still this attempt's, so that a late answer never overwrites what another dispatcher has done since.
// Index: deliveries primary key (organization_id, id). The first id lets PostgreSQL leave out the days before. Nothing else
// is asked of deliveries alone (no last id, no status but beside the lease): while a day's partition is small, PostgreSQL
// would take that for a reason to read all of it and compare each row with each outcome (docs/adr/0020).
import { arrayParam, idMs, idRange, packedParam, textArrayParam } from '@postrider/database';
import type { Pool } from 'pg';
import { hasSucceeded, type AttemptOutcome } from './outcome.js';

/** Attempts that fail one after the other make a webhook a failing one. */
const failuresInARow = 10;
/** Within the update of `health`. */
const isFailingNow = `(excluded.consecutive_failures +
      CASE WHEN excluded.last_succeeded_at IS NULL THEN h.consecutive_failures ELSE 0 END >= ${failuresInARow})`;

const text = `
WITH t AS MATERIALIZED (SELECT now_ms() AS now),
r AS MATERIALIZED (
  SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::boolean[], $5::text[], $6::smallint[], $7::bigint[],
    $8::bigint[], $9::integer[], $10::smallint[], $11::text[], $12::boolean[], $13::boolean[], $14::text[], $15::bigint[],
    $16::text[], $17::text[], $18::text[], $19::text[], $20::integer[], $21::integer[], $22::integer[], $23::integer[],
    $35::text[])
    AS u(attempt_id, organization_id, delivery_id, is_resend, trigger, number, lease_until, started_at, duration_ms,
      status_code, error_code, has_authorization, response_truncated, status, delay_ms, error_message, url,
      hub_signature, standard_signature, headers_at, headers_length, body_at, body_length, request)
),
recorded AS (
  INSERT INTO attempts (id, delivery_id, organization_id, started_at, duration_ms, number, status_code,
    response_truncated, has_authorization, trigger, error_code, error_message, url, user_agent, hub_signature,
    standard_signature, response_headers, response_body, request)
  SELECT attempt_id, delivery_id, organization_id, started_at, duration_ms, number, status_code,
    response_truncated, has_authorization, trigger, error_code, error_message, url, $24::text, hub_signature,
    standard_signature, convert_from(substr($25::bytea, headers_at + 1, headers_length), 'UTF8'),
    substr($25::bytea, body_at + 1, body_length), request
  FROM r ON CONFLICT DO NOTHING
),
moved AS (
  UPDATE deliveries d SET
    status = CASE
      WHEN r.error_code IS NULL THEN 'Succeeded'
      WHEN r.is_resend THEN d.status
      -- It was the last attempt: nothing is left to be held or cancelled.
      WHEN r.status = 'Failed' THEN r.status
      WHEN d.status IN ('Held', 'Cancelled') THEN d.status
      ELSE r.status END,
    due_at = CASE
      WHEN r.error_code IS NULL THEN NULL
      WHEN r.is_resend THEN d.due_at
      WHEN d.status = 'Cancelled' THEN NULL
      ELSE t.now + r.delay_ms END,
    -- The number of the next attempt must fit as well, and resends have no end.
    attempts_count = least(d.attempts_count + 1, 32766),
    scheduled_attempts = d.scheduled_attempts + CASE WHEN r.is_resend THEN 0 ELSE 1 END,
    last_status_code = r.status_code, last_error_code = r.error_code, last_error_message = r.error_message,
    duration_ms = r.duration_ms, updated_at = t.now
  FROM r, t
  WHERE d.organization_id = r.organization_id AND d.id = r.delivery_id AND d.id >= $26::uuid
    AND (r.is_resend OR (d.due_at = r.lease_until AND d.status IN ('Pending', 'Held', 'Cancelled')))
  RETURNING d.id
),
done AS (DELETE FROM resends WHERE id = ANY($27::uuid[])),
-- The progress of replays: a resend counts once, however often it was sent.
replayed AS (
  UPDATE replay_deliveries p SET succeeded = u.succeeded
  FROM unnest($27::uuid[], $34::boolean[]) AS u(resend_id, succeeded)
  WHERE p.resend_id = u.resend_id AND p.succeeded IS NULL
),
health AS (
  INSERT INTO webhook_health AS h
    (webhook_id, organization_id, last_succeeded_at, last_failed_at, failing_since, consecutive_failures, is_failing, turned)
  SELECT w.webhook_id, w.organization_id, CASE WHEN w.has_succeeded THEN t.now END, CASE WHEN w.has_failed THEN t.now END,
    CASE WHEN w.failed_since > 0 THEN t.now END, w.failed_since, w.failed_since >= ${failuresInARow},
    CASE WHEN w.failed_since >= ${failuresInARow} THEN 'failing' END
  FROM unnest($28::uuid[], $29::uuid[], $30::boolean[], $31::boolean[], $32::integer[])
    AS w(webhook_id, organization_id, has_succeeded, has_failed, failed_since), t
  ON CONFLICT (webhook_id) DO UPDATE SET
    last_succeeded_at = coalesce(excluded.last_succeeded_at, h.last_succeeded_at),
    last_failed_at = coalesce(excluded.last_failed_at, h.last_failed_at),
    failing_since = CASE WHEN excluded.last_succeeded_at IS NULL THEN coalesce(h.failing_since, excluded.failing_since)
      ELSE excluded.failing_since END,
    consecutive_failures = excluded.consecutive_failures +
      CASE WHEN excluded.last_succeeded_at IS NULL THEN h.consecutive_failures ELSE 0 END,
    is_failing = ${isFailingNow} OR (h.is_failing AND excluded.last_succeeded_at IS NULL),
    turned = CASE
      WHEN ${isFailingNow} AND NOT h.is_failing THEN 'failing'
      WHEN h.is_failing AND excluded.last_succeeded_at IS NOT NULL AND NOT ${isFailingNow} THEN 'recovered' END
  RETURNING webhook_id, organization_id, failing_since, consecutive_failures, turned
),
-- What is to be told of webhooks: committed with what made it so.
told AS (
  INSERT INTO operational_events (organization_id, webhook_id, topic, consecutive_failures, failing_since, created_at, due_at)
  SELECT organization_id, webhook_id, 'webhook.' || turned, consecutive_failures, failing_since, t.now, t.now
  FROM health, t WHERE turned IS NOT NULL
  RETURNING id
)
SELECT (SELECT count(*)::int FROM moved) AS moved, (SELECT count(*)::int FROM told) AS told,
  (SELECT array_agg(webhook_id) FROM health, t WHERE failing_since < t.now - $33::bigint) AS failing`;

export interface RecordResult {
  /** Deliveries that moved on; the rest had lost their lease. */
  readonly moved: number;
  /** Webhooks that have seen nothing but failures for longer than `failingAfterMs`. */
  readonly failing: readonly string[];
  /** How many operational events were written down. */
  readonly told: number;
}

/** `outcomes`: at most one per delivery. */
export async function recordAttempts(
  pool: Pool,
  outcomes: readonly AttemptOutcome[],
  failingAfterMs: number,
): Promise<RecordResult> {
  const headers = packedParam(outcomes.map((o) => o.responseHeaders));
  const bodies = packedParam(
    outcomes.map((o) => o.responseBody),
    headers.bytes.length,
  );
  const webhooks = summarizeByWebhook(outcomes);
  const resends = outcomes.filter((o) => o.resendId !== null);
  const result = await pool.query<{ moved: number; failing: string[] | null; told: number }>({
    name: 'record-attempts',
    text,
    values: [
      arrayParam(outcomes.map((o) => o.attemptId)),
      arrayParam(outcomes.map((o) => o.organizationId)),
      arrayParam(outcomes.map((o) => o.deliveryId)),
      arrayParam(outcomes.map((o) => o.trigger === 'resend')),
      arrayParam(outcomes.map((o) => o.trigger)),
      arrayParam(outcomes.map((o) => o.number)),
      arrayParam(outcomes.map((o) => o.leaseUntil)),
      arrayParam(outcomes.map((o) => o.startedAt)),
      arrayParam(outcomes.map((o) => o.durationMs)),
      arrayParam(outcomes.map((o) => o.statusCode)),
      arrayParam(outcomes.map((o) => o.errorCode)),
      arrayParam(outcomes.map((o) => o.hasAuthorization)),
      arrayParam(outcomes.map((o) => o.responseTruncated)),
      arrayParam(outcomes.map((o) => o.status)),
      arrayParam(outcomes.map((o) => o.delayMs)),
      textArrayParam(outcomes.map((o) => o.errorMessage)),
      textArrayParam(outcomes.map((o) => o.url)),
      textArrayParam(outcomes.map((o) => o.hubSignature)),
      textArrayParam(outcomes.map((o) => o.standardSignature)),
      headers.offsets,
      headers.lengths,
      bodies.offsets,
      bodies.lengths,
      outcomes[0]?.userAgent ?? '',
      Buffer.concat([headers.bytes, bodies.bytes]),
      firstDeliveryId(outcomes),
      arrayParam(resends.map((o) => o.resendId)),
      arrayParam(webhooks.map((w) => w.webhookId)),
      arrayParam(webhooks.map((w) => w.organizationId)),
      arrayParam(webhooks.map((w) => w.hasSucceeded)),
      arrayParam(webhooks.map((w) => w.hasFailed)),
      arrayParam(webhooks.map((w) => w.failedSince)),
      failingAfterMs,
      arrayParam(resends.map(hasSucceeded)),
      textArrayParam(outcomes.map((o) => o.request)),
    ],
  });
  const row = result.rows[0];
  return { moved: row?.moved ?? 0, failing: row?.failing ?? [], told: row?.told ?? 0 };
}

/** The smallest id of the earliest millisecond among them. */
export function firstDeliveryId(rows: readonly { readonly deliveryId: string }[]): string {
  let firstMs = Infinity;
  for (const { deliveryId } of rows) firstMs = Math.min(firstMs, idMs(deliveryId));
  return idRange(firstMs === Infinity ? 0 : firstMs, 0).first;
}

interface WebhookSummary {
  readonly webhookId: string;
  readonly organizationId: string;
  hasSucceeded: boolean;
  hasFailed: boolean;
  /** Failures since the last success of this batch (all, where there was none). */
  failedSince: number;
}

/** Sorted by webhook, so that two dispatchers lock the rows in the same order. */
function summarizeByWebhook(outcomes: readonly AttemptOutcome[]): WebhookSummary[] {
  const byWebhook = new Map<string, WebhookSummary>();
  for (const outcome of outcomes) {
    const { webhookId, organizationId } = outcome;
    let summary = byWebhook.get(webhookId);
    if (summary === undefined) {
      summary = { webhookId, organizationId, hasSucceeded: false, hasFailed: false, failedSince: 0 };
      byWebhook.set(webhookId, summary);
    }
    if (hasSucceeded(outcome)) {
      summary.hasSucceeded = true;
      summary.failedSince = 0;
    } else {
      summary.hasFailed = true;
      if (!outcome.isAlong) summary.failedSince += 1;
    }
  }
  return [...byWebhook.values()].sort((a, b) => (a.webhookId < b.webhookId ? -1 : 1));
}
