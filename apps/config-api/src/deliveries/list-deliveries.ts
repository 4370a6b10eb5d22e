import { idMs, idRange } from '@postrider/database';
import type { Delivery } from '@postrider/contracts';
import type { Pool } from 'pg';
import { z } from 'zod';
import { decodeCursor, encodeCursor, toPage, type Page } from '../http/cursor.js';
import type { DeliveriesQuery } from './delivery-query.js';
import { deliveryColumns, toDeliveryResponse, type DeliveryRow } from './delivery-row.js';

/**
 * A page of the log, newest first by id, which is the order of creation. Times are ranges of ids, so that only the days
 * asked for are looked at. Index: the primary key (organization_id, id), or deliveries_log (webhook_id, id).
 */
export async function listDeliveries(
  pool: Pool,
  organizationId: string,
  query: DeliveriesQuery,
): Promise<Page<Delivery>> {
  const position = decodeCursor('deliveries', query.Cursor, z.tuple([z.uuid()]));
  const conditions = ['organization_id = $1'];
  const values: unknown[] = [organizationId];
  const where = (condition: (parameter: string) => string, value: unknown): void => {
    conditions.push(condition(`$${values.push(value)}`));
  };
  if (position !== null) where((id) => `id < ${id}`, position[0]);
  if (query.WebhookId !== undefined) where((id) => `webhook_id = ${id}`, query.WebhookId);
  if (query.Status !== undefined) where((status) => `status = ${status}`, query.Status);
  if (query.Topic !== undefined) where((topic) => `topic = ${topic}`, query.Topic);
  if (query.From !== undefined) where((id) => `id >= ${id}`, idRange(query.From, query.From).first);
  if (query.To !== undefined) where((id) => `id <= ${id}`, idRange(query.To, query.To).last);
  if (query.EventId !== undefined) {
    const uid = await findEventUid(pool, organizationId, query.EventId);
    if (uid === null) return { Data: [], NextCursor: null };
    // An event's deliveries are made in the same millisecond as its uid.
    const { first, last } = idRange(idMs(uid), idMs(uid));
    where((id) => `id >= ${id}`, first);
    where((id) => `id <= ${id}`, last);
    where((id) => `event_uid = ${id}`, uid);
  }
  const result = await pool.query<DeliveryRow>(
    `SELECT ${deliveryColumns} FROM deliveries WHERE ${conditions.join(' AND ')}
     ORDER BY id DESC LIMIT ${query.Limit + 1}`,
    values,
  );
  return toPage(result.rows, query.Limit, (row) => encodeCursor('deliveries', [row.id]), toDeliveryResponse);
}

/** Index: event_ids' primary key. */
async function findEventUid(pool: Pool, organizationId: string, eventId: string): Promise<string | null> {
  const result = await pool.query<{ uid: string }>(
    'SELECT uid FROM event_ids WHERE organization_id = $1 AND id = $2',
    [organizationId, eventId],
  );
  return result.rows[0]?.uid ?? null;
}
