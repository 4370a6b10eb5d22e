// Many deliveries at once, as rows: to publish and deliver as many would take a test minutes.
import { randomBytes } from 'node:crypto';
import type { TestDatabase } from '@postrider/test-kit';

/** RFC 9562 section 5.7. */
function uuidV7(atMs: number): string {
  const bytes = randomBytes(16);
  bytes.writeUIntBE(atMs, 0, 6);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x70, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

/** Succeeded and failed ones of the last seconds, each of an event of its own. */
export async function seedDeliveries(
  database: TestDatabase,
  organizationId: string,
  webhookId: string,
  count: number,
): Promise<void> {
  const now = Date.now();
  const ids = Array.from({ length: count }, (_, n) => uuidV7(now - n));
  await database.query(
    `INSERT INTO deliveries (id, organization_id, webhook_id, event_uid, updated_at, duration_ms, attempts_count,
       last_status_code, last_error_code, last_error_message, status, trigger, event_id, topic)
     SELECT id, $2, $3, id, now_ms(), n % 300, 1, CASE WHEN n % 7 = 0 THEN 500 ELSE 200 END,
       CASE WHEN n % 7 = 0 THEN 'http_status' END, CASE WHEN n % 7 = 0 THEN 'the receiver answered 500' END,
       CASE WHEN n % 7 = 0 THEN 'Failed' ELSE 'Succeeded' END, 'event', 'evt_' || n, 'job.execution.failed'
     FROM unnest($1::uuid[]) WITH ORDINALITY AS seeded (id, n)`,
    [ids, organizationId, webhookId],
  );
}
