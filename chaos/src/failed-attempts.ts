// Attempts at healthy receivers that failed all the same: whether the request came at all, and how long after its attempt
// had begun. It tells a receiver that was too busy from a dispatcher that was.
import type { World } from './world.js';

const maxTold = 20;

/** Lines to say, none where no attempt at a healthy receiver failed. */
export async function explainFailures(world: World): Promise<string[]> {
  const healthy = [...world.zoo.webhooks].filter(([, { kind }]) => kind === 'healthy').map(([id]) => id);
  const failed = await world.system.database.query<{
    event_id: string;
    webhook_id: string;
    number: number;
    started_at: string;
    duration_ms: number | null;
    error_code: string;
  }>(
    `SELECT d.event_id, d.webhook_id, a.number, a.started_at, a.duration_ms, a.error_code
     FROM attempts a JOIN deliveries d ON d.organization_id = a.organization_id AND d.id = a.delivery_id
     WHERE a.error_code IS NOT NULL AND d.webhook_id = ANY($1::uuid[]) ORDER BY a.started_at`,
    [healthy],
  );
  if (failed.length === 0) return [];
  const firstAt = Number(failed[0]?.started_at);
  return [
    `${failed.length} attempts at healthy receivers failed; the first of them:`,
    ...failed
      .slice(0, maxTold)
      .map(({ event_id, webhook_id, number, started_at, duration_ms, error_code }) => {
        const begun = Number(started_at);
        const receivedAt = world.zoo.webhooks.get(webhook_id)?.receipts.firstAt.get(event_id);
        const came = receivedAt === undefined ? 'never received' : `received ${receivedAt - begun} ms after`;
        return `  ${event_id.split('-')[0]}, webhook ${webhook_id.slice(-6)}: attempt ${number} began ${begun - firstAt} ms after the first of them, took ${duration_ms ?? 0} ms: ${error_code}; ${came}`;
      }),
  ];
}
