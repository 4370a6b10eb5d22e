// What is to be told of webhooks. Taking it is a lease: should this process die, another tells it.
// Index: operational_events_due (due_at).
import type { OperationalTopic } from '@postrider/contracts';
import type { Pool } from 'pg';

export interface OperationalEventRow {
  readonly id: string;
  readonly organization_id: string;
  readonly webhook_id: string;
  readonly topic: OperationalTopic;
  readonly reason: 'gone' | 'failing' | null;
  readonly consecutive_failures: number;
  readonly failing_since: number | null;
  readonly created_at: number;
}

const leaseMs = 10_000;
export const maxTaken = 50;

const text = `
UPDATE operational_events SET due_at = now_ms() + ${leaseMs}
WHERE id IN (SELECT id FROM operational_events WHERE due_at <= now_ms() ORDER BY due_at LIMIT ${maxTaken}
             FOR UPDATE SKIP LOCKED)
RETURNING id, organization_id, webhook_id, topic, reason, consecutive_failures, failing_since, created_at`;

/** The oldest that are due. */
export async function takeOperationalEvents(pool: Pool): Promise<OperationalEventRow[]> {
  const result = await pool.query<OperationalEventRow>({ name: 'take-operational-events', text });
  return result.rows;
}

/** They are told, or there is nobody to tell any more. */
export async function deleteOperationalEvents(pool: Pool, ids: readonly string[]): Promise<void> {
  await pool.query('DELETE FROM operational_events WHERE id = ANY($1::uuid[])', [ids]);
}
