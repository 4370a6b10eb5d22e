import type { AttemptErrorCode, AttemptTrigger } from '@postrider/contracts';
import { idMs, idRange } from '@postrider/database';
import type { Pool } from 'pg';
import { deliveryColumns, type DeliveryRow } from './delivery-row.js';

/** One delivery, or null; index: the primary key, of one partition. */
export async function findDelivery(
  pool: Pool,
  organizationId: string,
  id: string,
): Promise<DeliveryRow | null> {
  const result = await pool.query<DeliveryRow>(
    `SELECT ${deliveryColumns} FROM deliveries WHERE organization_id = $1 AND id = $2`,
    [organizationId, id],
  );
  return result.rows[0] ?? null;
}

export interface AttemptRow {
  readonly id: string;
  readonly number: number;
  readonly trigger: AttemptTrigger;
  readonly started_at: number;
  readonly duration_ms: number;
  readonly status_code: number | null;
  readonly error_code: AttemptErrorCode | null;
  readonly error_message: string | null;
  readonly url: string;
  readonly user_agent: string;
  readonly has_authorization: boolean;
  readonly hub_signature: string | null;
  readonly standard_signature: string | null;
  readonly response_headers: string | null;
  readonly response_body: Buffer | null;
  readonly response_truncated: boolean | null;
  /** JSON of the request as sent; null where it is made anew. */
  readonly request: string | null;
}

/** How far the clocks that made a delivery's and its attempts' ids may be apart. */
const clockMarginMs = 3_600_000;

/** All attempts of a delivery in the order in which they were made; index: the primary key (delivery_id, id). */
export async function findAttempts(
  pool: Pool,
  organizationId: string,
  deliveryId: string,
): Promise<AttemptRow[]> {
  const earliest = idMs(deliveryId) - clockMarginMs;
  const result = await pool.query<AttemptRow>(
    `SELECT id, number, trigger, started_at, duration_ms, status_code, error_code, error_message, url, user_agent,
       has_authorization, hub_signature, standard_signature, response_headers, response_body, response_truncated, request
     FROM attempts WHERE delivery_id = $2 AND organization_id = $1 AND id >= $3
     ORDER BY number, started_at, id`,
    [organizationId, deliveryId, idRange(earliest, earliest).first],
  );
  return result.rows;
}

/** The event's JSON text as it was sent, or null when it is gone; index: the primary key, of one partition. */
export async function findEventText(pool: Pool, organizationId: string, uid: string): Promise<string | null> {
  const result = await pool.query<{ text: string }>(
    'SELECT text FROM events WHERE organization_id = $1 AND uid = $2',
    [organizationId, uid],
  );
  return result.rows[0]?.text ?? null;
}
