// Claims what is due for webhooks that tell people. Each has a turn per second, over all dispatchers, and what one message
// of a turn tells is claimed in the statement that takes the turn: a crash loses neither, the lease brings both back.
// Up to `loneAtMost` that wait go one by one; where more do, one message takes all of them, a minute after the last that
// was taken (restAfterDigest) at the earliest; one that was not is no reason to wait longer than its lease or its retry.
// What piles up meanwhile stays in PostgreSQL, due.
// Indexes: message_turns' and webhooks' primary keys, deliveries_due (webhook_id, due_at) WHERE status = 'Pending'.
import { leaseMs, type WebhookConfiguration } from '@postrider/contracts';
import { arrayParam } from '@postrider/database';
import type { Pool } from 'pg';
import type { ClaimedDelivery } from './claim-due-deliveries.js';

export const turnMs = 1_000;
const loneAtMost = 2;
/** Deliveries of one message; where more are due, the next one need not wait for its minute. */
export const maxTogether = 500;
/** Events whose text is read: so many does a digest tell of, the rest it counts. */
export const maxTold = 10;

const text = `
WITH t AS MATERIALIZED (SELECT now_ms() AS now),
waiting AS MATERIALIZED (
  SELECT q.*, (SELECT count(*) FROM (
    SELECT FROM deliveries d WHERE d.status = 'Pending' AND d.webhook_id = q.webhook_id AND d.due_at <= t.now
    LIMIT ${maxTogether + 1}
  ) AS due) AS count
  FROM t, unnest($1::uuid[], $2::uuid[], $3::integer[]) AS q(webhook_id, organization_id, lease_ms)
),
turns AS (
  INSERT INTO message_turns AS m (webhook_id, organization_id, next_at, next_digest_at)
  SELECT q.webhook_id, q.organization_id, t.now + ${turnMs}, CASE
    WHEN q.count > ${maxTogether} THEN t.now
    WHEN q.count > ${loneAtMost} THEN t.now + q.lease_ms
    ELSE 0 END
  FROM t, waiting q JOIN webhooks w ON w.organization_id = q.organization_id AND w.id = q.webhook_id
  WHERE q.count > 0 ORDER BY q.webhook_id
  ON CONFLICT (webhook_id) DO UPDATE SET next_at = excluded.next_at, next_digest_at = CASE
    WHEN excluded.next_digest_at > 0 AND m.next_digest_at <= excluded.next_at - ${turnMs} THEN excluded.next_digest_at
    ELSE m.next_digest_at END
    WHERE m.next_at <= excluded.next_at - ${turnMs}
  RETURNING webhook_id, next_digest_at
),
picked AS MATERIALIZED (
  SELECT p.organization_id, p.id, q.lease_ms
  FROM t, waiting q JOIN turns USING (webhook_id)
  CROSS JOIN LATERAL (
    SELECT d.organization_id, d.id FROM deliveries d
    WHERE d.status = 'Pending' AND d.webhook_id = q.webhook_id AND d.due_at <= t.now
    ORDER BY d.due_at LIMIT CASE
      WHEN q.count <= ${loneAtMost} THEN 1
      -- This very turn has moved it on.
      WHEN turns.next_digest_at IN (t.now, t.now + q.lease_ms) THEN ${maxTogether}
      ELSE 0 END
    FOR UPDATE SKIP LOCKED
  ) AS p
),
claimed AS (
  UPDATE deliveries d SET due_at = t.now + picked.lease_ms
  FROM picked, t WHERE d.organization_id = picked.organization_id AND d.id = picked.id
  RETURNING d.id, d.organization_id, d.webhook_id, d.event_uid, d.event_id, d.topic, d.due_at, d.trigger,
    d.attempts_count, d.scheduled_attempts
)
SELECT c.*, CASE WHEN place <= ${maxTold} THEN convert_to(e.text, 'UTF8') END AS text
FROM (SELECT *, row_number() OVER (PARTITION BY webhook_id ORDER BY id) AS place FROM claimed) AS c
JOIN events e ON e.organization_id = c.organization_id AND e.uid = c.event_uid
ORDER BY c.webhook_id, place`;

/** `text` is null from the eleventh of a webhook on. */
export type ClaimedMessage = Omit<ClaimedDelivery, 'text'> & { readonly text: Buffer | null };

/** What goes into the next message of each of these webhooks whose turn it is, the oldest first. */
export async function claimMessages(
  pool: Pool,
  webhooks: readonly WebhookConfiguration[],
): Promise<ClaimedMessage[]> {
  const result = await pool.query<ClaimedMessage>({
    name: 'claim-messages',
    text,
    values: [
      arrayParam(webhooks.map(({ Id }) => Id)),
      arrayParam(webhooks.map(({ OrganizationId }) => OrganizationId)),
      arrayParam(webhooks.map(({ TimeoutSeconds }) => leaseMs(TimeoutSeconds))),
    ],
  });
  return result.rows;
}
