import type { DeliveryStatus, ListQuery, Replay, ReplayState } from '@postrider/contracts';
import type { Pool } from 'pg';
import { z } from 'zod';
import { decodeCursor, encodeCursor, toPage, type Page } from '../http/cursor.js';

interface ReplayRow {
  readonly id: string;
  readonly organization_id: string;
  readonly webhook_id: string | null;
  readonly status: DeliveryStatus | null;
  readonly topic: string | null;
  readonly from_ms: number;
  readonly to_ms: number;
  readonly rate_per_second: number;
  readonly total: number;
  readonly succeeded: number;
  readonly failed: number;
  readonly created_at: number;
  readonly cancelled_at: number | null;
  readonly finished_at: number | null;
}

/** Replays with their counts: of those that run they are counted, index replay_deliveries_done. */
const selectText = `
SELECT r.id, r.organization_id, r.webhook_id, r.status, r.topic, r.from_ms, r.to_ms, r.rate_per_second, r.total,
  r.created_at, r.cancelled_at, r.finished_at,
  CASE WHEN r.finished_at IS NULL THEN done.succeeded ELSE r.succeeded END AS succeeded,
  CASE WHEN r.finished_at IS NULL THEN done.failed ELSE r.failed END AS failed
FROM replays r CROSS JOIN LATERAL (
  SELECT count(*) FILTER (WHERE p.succeeded)::int AS succeeded, count(*) FILTER (WHERE NOT p.succeeded)::int AS failed
  FROM replay_deliveries p WHERE r.finished_at IS NULL AND p.replay_id = r.id AND p.succeeded IS NOT NULL
) AS done
WHERE r.organization_id = $1`;

/** Newest first; index: replays_page. */
export async function listReplays(
  pool: Pool,
  organizationId: string,
  { Limit, Cursor }: ListQuery,
): Promise<Page<Replay>> {
  const position = decodeCursor('replays', Cursor, z.tuple([z.uuid()]));
  const result = await pool.query<ReplayRow>(
    `${selectText} AND ($2::uuid IS NULL OR r.id < $2) ORDER BY r.id DESC LIMIT ${Limit + 1}`,
    [organizationId, position?.[0] ?? null],
  );
  return toPage(result.rows, Limit, (row) => encodeCursor('replays', [row.id]), toReplayResponse);
}

export async function findReplay(pool: Pool, organizationId: string, id: string): Promise<Replay | null> {
  const result = await pool.query<ReplayRow>(`${selectText} AND r.id = $2`, [organizationId, id]);
  const [row] = result.rows;
  return row === undefined ? null : toReplayResponse(row);
}

function toReplayResponse(row: ReplayRow): Replay {
  return {
    Id: row.id,
    OrganizationId: row.organization_id,
    WebhookId: row.webhook_id,
    Status: row.status,
    Topic: row.topic,
    From: row.from_ms,
    To: row.to_ms,
    RatePerSecond: row.rate_per_second,
    Total: row.total,
    Done: row.succeeded + row.failed,
    Succeeded: row.succeeded,
    Failed: row.failed,
    State: stateOf(row),
    CreatedAt: row.created_at,
    FinishedAt: row.cancelled_at ?? row.finished_at,
  };
}

function stateOf(row: ReplayRow): ReplayState {
  if (row.cancelled_at !== null) return 'Cancelled';
  return row.finished_at === null ? 'Running' : 'Completed';
}
