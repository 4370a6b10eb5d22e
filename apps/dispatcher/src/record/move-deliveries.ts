// Moves deliveries on without an attempt: parked until there is room, held by a pause, cancelled with their webhook.
// Only while the lease token is still the mover's. Index: deliveries primary key; the status is asked for in a way that is
// no reason to read all that is pending instead (record-attempts.ts).
import { arrayParam } from '@postrider/database';
import { failPoint } from '@postrider/runtime';
import type { Pool } from 'pg';
import { firstDeliveryId } from './record-attempts.js';

export interface DeliveryMove {
  readonly organizationId: string;
  readonly deliveryId: string;
  readonly resendId: string | null;
  readonly leaseUntil: number;
  readonly to:
    { readonly status: 'Pending'; readonly delayMs: number } | { readonly status: 'Held' | 'Cancelled' };
}

const deliveriesText = `
UPDATE deliveries d SET status = r.status, due_at = CASE WHEN r.delay_ms IS NULL THEN NULL ELSE t.now + r.delay_ms END,
  updated_at = CASE WHEN r.delay_ms IS NULL THEN t.now ELSE d.updated_at END
FROM unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::text[], $5::bigint[])
  AS r(organization_id, id, lease_until, status, delay_ms), (SELECT now_ms() AS now) AS t
WHERE d.organization_id = r.organization_id AND d.id = r.id AND d.id >= $6::uuid
  AND d.due_at = r.lease_until AND d.status = CASE WHEN r.id IS NOT NULL THEN 'Pending' END`;

const resendsText = `
UPDATE resends s SET due_at = now_ms() + r.delay_ms
FROM unnest($1::uuid[], $2::bigint[], $3::bigint[]) AS r(id, lease_until, delay_ms)
WHERE s.id = r.id AND s.due_at = r.lease_until`;

export async function moveDeliveries(pool: Pool, moves: readonly DeliveryMove[]): Promise<void> {
  failPoint('move.before-commit');
  const deliveries = moves.filter((move) => move.resendId === null);
  if (deliveries.length > 0) {
    await pool.query({
      name: 'move-deliveries',
      text: deliveriesText,
      values: [
        arrayParam(deliveries.map((move) => move.organizationId)),
        arrayParam(deliveries.map((move) => move.deliveryId)),
        arrayParam(deliveries.map((move) => move.leaseUntil)),
        arrayParam(deliveries.map((move) => move.to.status)),
        arrayParam(deliveries.map((move) => (move.to.status === 'Pending' ? move.to.delayMs : null))),
        firstDeliveryId(deliveries),
      ],
    });
  }
  await moveResends(
    pool,
    moves.filter((move) => move.resendId !== null),
  );
  failPoint('move.after-commit');
}

/** A resend is parked, or ends with its webhook; its delivery has a life of its own. */
async function moveResends(pool: Pool, moves: readonly DeliveryMove[]): Promise<void> {
  const parked = moves.filter((move) => move.to.status === 'Pending');
  const ended = moves.filter((move) => move.to.status !== 'Pending');
  if (parked.length > 0) {
    await pool.query({
      name: 'park-resends',
      text: resendsText,
      values: [
        arrayParam(parked.map((move) => move.resendId)),
        arrayParam(parked.map((move) => move.leaseUntil)),
        arrayParam(parked.map((move) => (move.to.status === 'Pending' ? move.to.delayMs : 0))),
      ],
    });
  }
  if (ended.length > 0) {
    await pool.query('DELETE FROM resends WHERE id = ANY($1::uuid[])', [
      arrayParam(ended.map((move) => move.resendId)),
    ]);
  }
}
