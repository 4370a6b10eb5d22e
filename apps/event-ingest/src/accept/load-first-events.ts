// What was accepted under an Id before: to tell a duplicate from an Id that is used anew. Index: event_ids' and
// events' primary keys.
import type { Pool } from 'pg';
import type { IncomingEvent } from '../shared/event.js';

export interface FirstEvent {
  readonly deliveries: number;
  readonly timesGiven: number;
  /** The stored JSON text; null where the event's day is gone already, and with it what could be compared. */
  readonly text: string | null;
}

/** By `eventKey`. An Id that is in the map no more was purged this moment, with its organization. */
export async function loadFirstEvents(
  pool: Pool,
  events: readonly IncomingEvent[],
): Promise<ReadonlyMap<string, FirstEvent>> {
  if (events.length === 0) return new Map();
  const result = await pool.query<{
    organization_id: string;
    id: string;
    deliveries: number;
    times_given: number | null;
    text: string | null;
  }>({
    name: 'load-first-events',
    text: `SELECT known.organization_id, known.id, known.deliveries, event.times_given, event.text
           FROM unnest($1::uuid[], $2::text[]) AS wanted (organization_id, id)
           JOIN event_ids known USING (organization_id, id)
           LEFT JOIN events event ON event.organization_id = known.organization_id AND event.uid = known.uid`,
    values: [events.map(({ organizationId }) => organizationId), events.map(({ id }) => id)],
  });
  return new Map(
    result.rows.map((row) => [
      eventKey({ organizationId: row.organization_id, id: row.id }),
      { deliveries: row.deliveries, timesGiven: row.times_given ?? 0, text: row.text },
    ]),
  );
}

/** An Id means something within its organization alone. */
export function eventKey(event: { readonly organizationId: string; readonly id: string }): string {
  return `${event.organizationId} ${event.id}`;
}
