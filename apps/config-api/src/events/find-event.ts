import { ProblemError } from '@postrider/contracts';
import type { Pool } from 'pg';
import { explainEvent } from './explain-event.js';
import { eventColumns, toEventSummary, type EventRow } from './event-row.js';
import { readEventText } from './event-text.policy.js';

/**
 * JSON text of one event, Data and PreviousData as published: joined, since parsing them would lose digits beyond 2^53.
 * Indexes: event_ids' primary key, then events', of one partition.
 */
export async function findEventJson(pool: Pool, organizationId: string, id: string): Promise<string> {
  const ids = await pool.query<{ uid: string }>(
    'SELECT uid FROM event_ids WHERE organization_id = $1 AND id = $2',
    [organizationId, id],
  );
  const uid = ids.rows[0]?.uid;
  const events = await pool.query<EventRow>(
    `SELECT ${eventColumns} FROM events WHERE organization_id = $1 AND uid = $2`,
    [organizationId, uid ?? null],
  );
  const [row] = events.rows;
  if (row === undefined) throw new ProblemError('not_found', 'no such event');
  const parts = readEventText(row.text);
  const webhooks = await explainEvent(pool, row, parts);
  const summary = JSON.stringify({ ...toEventSummary(row, parts), Webhooks: webhooks });
  return `${summary.slice(0, -1)},"PreviousData":${parts.previousData},"Data":${parts.data}}`;
}
