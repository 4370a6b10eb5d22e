// Hands the next deliveries of a replay to `resends`, as many as its rate gives, oldest first. The rate is kept on the
// replay's row, whatever the number of dispatchers; that each is handed over once is kept by `released`, which is set in
// the statement that inserts the resend.
// Indexes: replay_deliveries_waiting (replay_id, webhook_id, delivery_id), replay_deliveries_under_way.
import type { Pool } from 'pg';

/** Of one webhook at the same time: a receiver that hangs holds up neither the replay's other webhooks nor a cancel. */
const maxUnderWay = 200;
/** What the rate gave while no dispatcher was there is not made up for beyond this. */
const burstMs = 1_000;

/** A skip scan: one index probe per webhook, however many deliveries each has. */
const waitingText = `
waiting(webhook_id) AS (
  SELECT (SELECT p.webhook_id FROM replay_deliveries p WHERE p.replay_id = $1 AND NOT p.released
          ORDER BY p.webhook_id LIMIT 1)
  UNION ALL
  SELECT (SELECT p.webhook_id FROM replay_deliveries p WHERE p.replay_id = $1 AND NOT p.released
            AND p.webhook_id > waiting.webhook_id ORDER BY p.webhook_id LIMIT 1)
  FROM waiting WHERE webhook_id IS NOT NULL
)`;

const releaseText = `
WITH RECURSIVE t AS MATERIALIZED (SELECT now_ms() AS now),
${waitingText},
replay AS MATERIALIZED (
  SELECT r.id, r.rate_per_second AS rate, greatest(r.released_until, t.now - ${burstMs}) AS since
  FROM replays r, t WHERE r.id = $1 AND r.finished_at IS NULL AND r.cancelled_at IS NULL
  FOR UPDATE OF r SKIP LOCKED
),
-- Another dispatcher may have had it later than our now, and let go of it before we looked.
budget AS MATERIALIZED (SELECT replay.*, greatest(0, (t.now - since) * rate / 1000) AS size FROM replay, t),
picked AS MATERIALIZED (
  SELECT p.resend_id, row_number() OVER (ORDER BY p.delivery_id) - 1 AS place
  FROM budget, waiting JOIN webhooks w ON w.id = waiting.webhook_id AND w.state = 'enabled' AND w.deleted_at IS NULL
  CROSS JOIN LATERAL (
    SELECT count(*) AS under_way FROM replay_deliveries p
    WHERE p.replay_id = $1 AND p.webhook_id = w.id AND p.released AND p.succeeded IS NULL
  ) AS u
  CROSS JOIN LATERAL (
    SELECT p.resend_id, p.delivery_id FROM replay_deliveries p
    WHERE p.replay_id = $1 AND p.webhook_id = w.id AND NOT p.released
    ORDER BY p.delivery_id LIMIT greatest(0, least(budget.size, ${maxUnderWay} - u.under_way))
  ) AS p
  ORDER BY p.delivery_id LIMIT (SELECT size FROM budget)
),
released AS (
  UPDATE replay_deliveries p SET released = true FROM picked
  WHERE p.resend_id = picked.resend_id AND NOT p.released
  RETURNING p.resend_id, p.organization_id, p.webhook_id, p.delivery_id, picked.place
),
asked AS (
  INSERT INTO resends (id, organization_id, webhook_id, delivery_id, due_at, created_at)
  SELECT resend_id, organization_id, webhook_id, delivery_id, t.now + place * 1000 / rate, t.now FROM released, budget, t
),
paced AS (
  UPDATE replays r SET released_until = since + ceil((SELECT count(*) FROM picked) * 1000.0 / rate)
  FROM budget WHERE r.id = budget.id
)
SELECT count(*)::int AS released FROM released`;

/** Answers how many it has handed over. Does nothing while another dispatcher is at it. */
export async function releaseReplay(pool: Pool, replayId: string): Promise<number> {
  const result = await pool.query<{ released: number }>({
    name: 'release-replay',
    text: releaseText,
    values: [replayId],
  });
  return result.rows[0]?.released ?? 0;
}

const endText = `
WITH RECURSIVE ${waitingText}
UPDATE replay_deliveries p SET released = true, succeeded = false
FROM waiting LEFT JOIN webhooks w ON w.id = waiting.webhook_id AND w.deleted_at IS NULL AND w.state <> 'disabled'
WHERE w.id IS NULL AND p.replay_id = $1 AND p.webhook_id = waiting.webhook_id AND NOT p.released`;

/** What waits for a webhook that takes no more (disabled, deleted) has failed: nobody would send it. */
export async function failUnsendable(pool: Pool, replayId: string): Promise<void> {
  await pool.query({ name: 'fail-unsendable', text: endText, values: [replayId] });
}
