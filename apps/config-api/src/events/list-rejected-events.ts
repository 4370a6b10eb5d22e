import { idMs } from '@postrider/database';
import type { ListQuery, RejectedEvent } from '@postrider/contracts';
import type { Pool } from 'pg';
import { z } from 'zod';
import { decodeCursor, encodeCursor, toPage, type Page } from '../http/cursor.js';
import { textOrBase64 } from '../http/text-or-base64.js';

interface RejectedEventRow {
  readonly id: string;
  readonly organization_id: string | null;
  readonly subject: string;
  readonly topic: string | null;
  readonly event_id: string | null;
  readonly code: string;
  readonly reason: string;
  readonly errors: RejectedEvent['Errors'];
  readonly payload: Buffer;
  readonly payload_truncated: boolean;
}

/**
 * A page of what was not accepted over NATS, newest first; `organizationId` null: what named no organization that is
 * known. Index: rejected_events_log (organization_id, id).
 */
export async function listRejectedEvents(
  pool: Pool,
  organizationId: string | null,
  { Limit, Cursor }: ListQuery,
): Promise<Page<RejectedEvent>> {
  const position = decodeCursor('rejected-events', Cursor, z.tuple([z.uuid()]));
  const values: unknown[] = [];
  const conditions = [
    organizationId === null ? 'organization_id IS NULL' : `organization_id = $${values.push(organizationId)}`,
  ];
  if (position !== null) conditions.push(`id < $${values.push(position[0])}`);
  const result = await pool.query<RejectedEventRow>(
    `SELECT id, organization_id, subject, topic, event_id, code, reason, errors, payload, payload_truncated
     FROM rejected_events WHERE ${conditions.join(' AND ')} ORDER BY id DESC LIMIT ${Limit + 1}`,
    values,
  );
  return toPage(result.rows, Limit, (row) => encodeCursor('rejected-events', [row.id]), toResponse);
}

function toResponse(row: RejectedEventRow): RejectedEvent {
  const { text, encoding } = textOrBase64(row.payload, row.payload_truncated);
  return {
    Id: row.id,
    OrganizationId: row.organization_id,
    Subject: row.subject,
    Topic: row.topic,
    EventId: row.event_id,
    Code: row.code,
    Reason: row.reason,
    Errors: row.errors,
    Payload: text,
    PayloadEncoding: encoding,
    PayloadTruncated: row.payload_truncated,
    RejectedAt: idMs(row.id),
  };
}
