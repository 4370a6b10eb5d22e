// How late deliveries are: the age of what has been due for longest, over the webhooks with pending deliveries. Read when
// somebody reads the metrics, never by the way of a delivery.
// Index: deliveries_due (webhook_id, due_at) WHERE status = 'Pending', one probe per webhook.
import type { Pool } from 'pg';

const text = `
WITH RECURSIVE found(webhook_id, due_at, steps) AS (
  (SELECT webhook_id, due_at, 1 FROM deliveries WHERE status = 'Pending' ORDER BY webhook_id, due_at LIMIT 1)
  UNION ALL
  SELECT d.webhook_id, d.due_at, steps + 1 FROM found, LATERAL (
    SELECT webhook_id, due_at FROM deliveries WHERE status = 'Pending' AND webhook_id > found.webhook_id
    ORDER BY webhook_id, due_at LIMIT 1
  ) AS d WHERE steps < $1
)
SELECT coalesce(greatest(0, now_ms() - min(due_at)), 0) AS ms FROM found`;

/** More webhooks than this with something pending: those beyond are not looked at. */
const maxWebhooks = 500;
/** Several may scrape, and each asks again and again. */
const keptMs = 10_000;

/** Answers seconds, 0 when nothing is late; NaN where PostgreSQL does not tell. */
export function overdueMeter(pool: Pool, now: () => number): () => Promise<number> {
  let known = { at: -Infinity, seconds: 0 };
  return async () => {
    if (now() - known.at < keptMs) return known.seconds;
    try {
      const result = await pool.query<{ ms: number }>({
        name: 'measure-overdue',
        text,
        values: [maxWebhooks],
      });
      known = { at: now(), seconds: (result.rows[0]?.ms ?? 0) / 1_000 };
      return known.seconds;
    } catch {
      return Number.NaN;
    }
  };
}
