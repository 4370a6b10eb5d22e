// Which webhooks have something due: a skip scan, one index probe per webhook, however many rows each has.
// Indexes: deliveries_due (webhook_id, due_at) WHERE status = 'Pending', resends_due (webhook_id, due_at).
import type { Pool } from 'pg';

/** `rows` is a table with a condition that its index covers. */
const findText = (rows: string) => `
WITH RECURSIVE t AS (SELECT now_ms() AS now),
found(webhook_id, steps) AS (
  SELECT (SELECT d.webhook_id FROM ${rows} AND d.webhook_id > $1 ORDER BY d.webhook_id LIMIT 1), 1
  UNION ALL
  SELECT (SELECT d.webhook_id FROM ${rows} AND d.webhook_id > found.webhook_id ORDER BY d.webhook_id LIMIT 1), steps + 1
  FROM found WHERE found.webhook_id IS NOT NULL AND steps < $2
)
SELECT webhook_id, EXISTS (SELECT FROM t, ${rows} AND d.webhook_id = found.webhook_id AND d.due_at <= t.now) AS is_due
FROM found WHERE webhook_id IS NOT NULL`;

const texts = {
  deliveries: findText(`deliveries d WHERE d.status = 'Pending'`),
  resends: findText('resends d WHERE d.due_at IS NOT NULL'),
} as const;

export interface DueWebhooks {
  /** Webhooks with something due, in the order of their ids. */
  readonly webhookIds: readonly string[];
  /** Where the next look goes on; null: from the beginning. */
  readonly cursor: string | null;
}

const lowestId = '00000000-0000-0000-0000-000000000000';

/** Looks at `maxWebhooks` webhooks with pending deliveries (or resends) behind the cursor. */
export async function findDueWebhooks(
  pool: Pool,
  table: keyof typeof texts,
  cursor: string | null,
  maxWebhooks: number,
): Promise<DueWebhooks> {
  const result = await pool.query<{ webhook_id: string; is_due: boolean }>({
    name: `find-due-webhooks-${table}`,
    text: texts[table],
    values: [cursor ?? lowestId, maxWebhooks],
  });
  const last = result.rows.at(-1);
  return {
    webhookIds: result.rows.filter((row) => row.is_due).map((row) => row.webhook_id),
    cursor: result.rows.length < maxWebhooks || last === undefined ? null : last.webhook_id,
  };
}
