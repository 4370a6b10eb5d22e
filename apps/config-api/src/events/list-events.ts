import { ListQuery, TopicName, type EventSummary } from '@postrider/contracts';
import type { Pool } from 'pg';
import { z } from 'zod';
import { decodeCursor, encodeCursor, toPage, type Page } from '../http/cursor.js';
import { eventColumns, toEventSummary, type EventRow } from './event-row.js';
import { readEventText } from './event-text.policy.js';

export const EventsQuery = ListQuery.extend({ Topic: TopicName.optional() });
export type EventsQuery = z.infer<typeof EventsQuery>;

/** A page of what was accepted, newest first. Index: the primary key (organization_id, uid). */
export async function listEvents(
  pool: Pool,
  organizationId: string,
  { Limit, Cursor, Topic }: EventsQuery,
): Promise<Page<EventSummary>> {
  const position = decodeCursor('events', Cursor, z.tuple([z.uuid()]));
  const conditions = ['organization_id = $1'];
  const values: unknown[] = [organizationId];
  if (position !== null) conditions.push(`uid < $${values.push(position[0])}`);
  if (Topic !== undefined) conditions.push(`topic = $${values.push(Topic)}`);
  const result = await pool.query<EventRow>(
    `SELECT ${eventColumns} FROM events WHERE ${conditions.join(' AND ')} ORDER BY uid DESC LIMIT ${Limit + 1}`,
    values,
  );
  return toPage(
    result.rows,
    Limit,
    (row) => encodeCursor('events', [row.uid]),
    (row) => toEventSummary(row, readEventText(row.text)),
  );
}
