import { maxReplayTotal, type ReplayCreate } from '@postrider/contracts';
import { idRange, newId } from '@postrider/database';
import type { Pool } from 'pg';
import type { EntityManager } from 'typeorm';

/**
 * The deliveries that a replay is asked for: those that the list of deliveries has with the same filters, less those
 * whose webhook is deleted. Index: the primary key (organization_id, id), or deliveries_log (webhook_id, id).
 */
const wantedText = `
SELECT d.id, d.webhook_id FROM deliveries d
JOIN webhooks w ON w.organization_id = d.organization_id AND w.id = d.webhook_id AND w.deleted_at IS NULL
WHERE d.organization_id = $1::uuid AND d.id >= $2::uuid AND d.id <= $3::uuid AND ($4::uuid IS NULL OR d.webhook_id = $4)
  AND ($5::text IS NULL OR d.status = $5) AND ($6::text IS NULL OR d.topic = $6)
LIMIT ${maxReplayTotal + 1}`;

/** One statement: which deliveries are in a replay is settled with it, and it begins once that is committed. */
const createText = `
WITH wanted AS MATERIALIZED (${wantedText}),
counted AS MATERIALIZED (SELECT count(*)::int AS total, now_ms() AS now FROM wanted),
listed AS (
  INSERT INTO replay_deliveries (replay_id, organization_id, webhook_id, delivery_id)
  SELECT $7::uuid, $1::uuid, wanted.webhook_id, wanted.id FROM wanted, counted WHERE total <= ${maxReplayTotal}
),
made AS (
  INSERT INTO replays (id, organization_id, from_ms, to_ms, webhook_id, status, topic, rate_per_second, total,
    created_at, released_until, finished_at)
  SELECT $7::uuid, $1::uuid, $8::bigint, $9::bigint, $4::uuid, $5::text, $6::text, $10::integer, total, now, now, CASE WHEN total = 0 THEN now END
  FROM counted WHERE total <= ${maxReplayTotal}
)
SELECT total FROM counted`;

function filters(organizationId: string, wanted: ReplayCreate): unknown[] {
  const { first, last } = idRange(wanted.From, wanted.To);
  return [organizationId, first, last, wanted.WebhookId, wanted.Status, wanted.Topic];
}

/** How many deliveries a replay would have; at most one more than it may have. */
export async function countReplay(pool: Pool, organizationId: string, wanted: ReplayCreate): Promise<number> {
  const result = await pool.query<{ total: number }>(
    `SELECT count(*)::int AS total FROM (${wantedText}) AS wanted`,
    filters(organizationId, wanted),
  );
  return result.rows[0]?.total ?? 0;
}

/** Answers the replay's id and how many deliveries it has; where they are too many, none was made. */
export async function createReplay(
  manager: EntityManager,
  organizationId: string,
  wanted: ReplayCreate,
): Promise<{ readonly id: string; readonly total: number }> {
  const id = newId();
  const [made] = await manager.query<{ total: number }[]>(createText, [
    ...filters(organizationId, wanted),
    id,
    wanted.From,
    wanted.To,
    wanted.RatePerSecond,
  ]);
  return { id, total: made?.total ?? 0 };
}
