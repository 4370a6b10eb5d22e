// What came over NATS and could not be accepted, kept with the reason: its publisher has heard an ack, and has nobody
// else to ask. Index: rejected_events' primary key.
import type { FieldError } from '@postrider/contracts';
import type { Pool } from 'pg';

export interface RejectedEventRow {
  /** Made from the message, so that one that comes again is kept once. */
  readonly id: string;
  /** null: it names no organization that we know. */
  readonly organizationId: string | null;
  readonly subject: string;
  readonly topic: string | null;
  readonly eventId: string | null;
  readonly code: string;
  readonly reason: string;
  readonly errors: readonly FieldError[];
  readonly payload: Uint8Array;
}

const maxPayloadBytes = 65_536;
const maxTextCharacters = 1_000;

export async function insertRejectedEvents(pool: Pool, rows: readonly RejectedEventRow[]): Promise<void> {
  if (rows.length === 0) return;
  await pool.query({
    name: 'insert-rejected-events',
    text: `INSERT INTO rejected_events
             (id, organization_id, subject, topic, event_id, code, reason, errors, payload, payload_truncated)
           SELECT id, organization_id, subject, topic, event_id, code, reason, errors::json, payload, truncated
           FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
             $9::bytea[], $10::boolean[]) AS row
             (id, organization_id, subject, topic, event_id, code, reason, errors, payload, truncated)
           ON CONFLICT (id) DO NOTHING`,
    values: [
      rows.map(({ id }) => id),
      rows.map(({ organizationId }) => organizationId),
      rows.map(({ subject }) => storable(subject)),
      rows.map(({ topic }) => storable(topic)),
      rows.map(({ eventId }) => storable(eventId)),
      rows.map(({ code }) => code),
      rows.map(({ reason }) => storable(reason)),
      rows.map(({ errors }) => JSON.stringify(errors)),
      rows.map(({ payload }) => Buffer.from(payload.subarray(0, maxPayloadBytes))),
      rows.map(({ payload }) => payload.length > maxPayloadBytes),
    ],
  });
}

/** PostgreSQL's text has no NUL, and a publisher may put one even into a subject. */
function storable<T extends string | null>(text: T): T | string {
  return text === null ? text : text.slice(0, maxTextCharacters).replaceAll('\0', '\ufffd').toWellFormed();
}
