// Ends replays: those of which everything is done, and those that were cancelled.
// Indexes: replays_running, replay_deliveries_under_way (replay_id, webhook_id), resends primary key.
import type { Pool } from 'pg';

export interface RunningReplay {
  readonly id: string;
  readonly cancelled: boolean;
}

const maxRunning = 200;

export async function findRunningReplays(pool: Pool): Promise<RunningReplay[]> {
  const result = await pool.query<RunningReplay>({
    name: 'find-running-replays',
    text: `SELECT id, cancelled_at IS NOT NULL AS cancelled FROM replays WHERE finished_at IS NULL
           ORDER BY id LIMIT ${maxRunning}`,
  });
  return result.rows;
}

/**
 * Drops what was not sent yet. A resend under way is under a lease, which lies in the future: it is left to be recorded,
 * and taken back when it is due again.
 */
const dropText = `
WITH dropped AS (
  DELETE FROM resends s USING replay_deliveries p
  WHERE p.replay_id = $1 AND p.released AND p.succeeded IS NULL AND s.id = p.resend_id AND s.due_at <= now_ms()
  RETURNING s.id
)
DELETE FROM replay_deliveries WHERE replay_id = $1 AND (NOT released OR resend_id IN (SELECT id FROM dropped))`;

export async function dropCancelled(pool: Pool, replayId: string): Promise<void> {
  await pool.query({ name: 'drop-cancelled-replay', text: dropText, values: [replayId] });
}

/** A resend that is gone without an attempt on record (its event is past its time, its webhook deleted) has failed. */
const failGoneText = `
UPDATE replay_deliveries p SET succeeded = false
WHERE p.replay_id = $1 AND p.released AND p.succeeded IS NULL
  AND NOT EXISTS (SELECT FROM resends s WHERE s.id = p.resend_id)`;

const finishText = `
WITH ended AS (
  UPDATE replays r SET finished_at = now_ms(),
    succeeded = (SELECT count(*) FROM replay_deliveries p WHERE p.replay_id = r.id AND p.succeeded),
    failed = (SELECT count(*) FROM replay_deliveries p WHERE p.replay_id = r.id AND NOT p.succeeded)
  WHERE r.id = $1 AND r.finished_at IS NULL
    AND NOT EXISTS (SELECT FROM replay_deliveries p WHERE p.replay_id = r.id AND NOT p.released)
    AND NOT EXISTS (SELECT FROM replay_deliveries p WHERE p.replay_id = r.id AND p.released AND p.succeeded IS NULL)
  RETURNING r.id
)
DELETE FROM replay_deliveries WHERE replay_id IN (SELECT id FROM ended)`;

/** Once nothing of it is left to do, its counts are kept with it and its list of deliveries goes. */
export async function finishReplay(pool: Pool, replayId: string): Promise<void> {
  await pool.query({ name: 'fail-gone-resends', text: failGoneText, values: [replayId] });
  await pool.query({ name: 'finish-replay', text: finishText, values: [replayId] });
}
