import type { EventSummary, ListQuery } from '@postrider/contracts';
import type { Pool } from 'pg';
import { z } from 'zod';
import { decodeCursor, encodeCursor, toPage, type Page } from '../http/cursor.js';
import { eventColumns, toEventSummary, type EventRow } from './event-row.js';
import { readEventText } from './event-text.policy.js';

/** A page of what was accepted, newest first. Index: the primary key (organization_id, uid). */
export async function listEvents(
  pool: Pool,
  organizationId: string,
  { Limit, Cursor }: ListQuery,
): Promise<Page<EventSummary>> {
  const position = decodeCursor('events', Cursor, z.tuple([z.uuid()]));
  const result = await pool.query<EventRow>(
    `SELECT ${eventColumns} FROM events WHERE organization_id = $1 ${position === null ? '' : 'AND uid < $2'}
     ORDER BY uid DESC LIMIT ${Limit + 1}`,
    [organizationId, ...(position ?? [])],
  );
  return toPage(
    result.rows,
    Limit,
    (row) => encodeCursor('events', [row.uid]),
    (row) => toEventSummary(row, readEventText(row.text)),
  );
}
