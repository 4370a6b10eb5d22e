// Of healthy webhooks' deliveries that took long all the same: which door their event came by, and what each attempt said.
import { afterFaultMs } from './oracle.js';
import type { Publisher } from './publisher.js';
import type { Customer, Playground, World } from './world.js';

const maxTold = 20;

export interface SlowOptions {
  /** What counts as slow, the time that a fault took left out. */
  readonly slowMs?: number;
  /** Whose deliveries count; default: everyone's. */
  readonly counts?: (customer: Customer) => boolean;
}

interface SlowPair {
  readonly eventId: string;
  readonly webhookId: string;
  readonly acceptedAt: number;
  readonly tookMs: number;
  /** The time that a fault took left out. */
  readonly waitedMs: number;
}

/** Lines to say, none where nothing was slow. */
export async function explainSlow(
  world: World<Playground>,
  publisher: Publisher,
  { slowMs = 2_000, counts = () => true }: SlowOptions = {},
): Promise<string[]> {
  const slow: SlowPair[] = [];
  for (const [eventId, { customer, at }] of publisher.accepted) {
    if (!counts(customer)) continue;
    for (const webhookId of customer.webhookIds) {
      const entry = world.zoo.webhooks.get(webhookId);
      const firstAt = entry?.kind === 'healthy' ? entry.receipts.firstAt.get(eventId) : undefined;
      if (firstAt === undefined) continue;
      const waitedMs = afterFaultMs(world.faults, at, firstAt);
      if (waitedMs > slowMs)
        slow.push({ eventId, webhookId, acceptedAt: at, tookMs: firstAt - at, waitedMs });
    }
  }
  if (slow.length === 0) return [];
  const told = slow.sort((one, other) => other.waitedMs - one.waitedMs).slice(0, maxTold);
  const attempts = await world.system.database.query<{
    event_id: string;
    uid: string;
    number: number;
    started_at: string;
    duration_ms: number | null;
    said: string | null;
  }>(
    `SELECT d.event_id, d.event_uid AS uid, a.number, a.started_at, a.duration_ms, coalesce(a.error_code, a.status_code::text) AS said
     FROM deliveries d JOIN attempts a ON a.organization_id = d.organization_id AND a.delivery_id = d.id
     WHERE (d.event_id, d.webhook_id) IN (SELECT * FROM unnest($1::text[], $2::uuid[]))
     ORDER BY a.started_at`,
    [told.map(({ eventId }) => eventId), told.map(({ webhookId }) => webhookId)],
  );
  return [
    `${slow.length} deliveries to healthy webhooks took over ${slowMs} ms; the slowest of them:`,
    ...told.map(({ eventId, acceptedAt, tookMs, waitedMs }) => {
      const own = attempts.filter((attempt) => attempt.event_id === eventId);
      const [{ uid } = {}] = own;
      const stored = uid === undefined ? 'not stored' : `stored ${timeOf(uid) - acceptedAt} ms after`;
      const tries = own.map(
        ({ number, started_at, duration_ms, said }) =>
          `attempt ${number} ${Number(started_at) - acceptedAt} ms after, ${duration_ms ?? 0} ms long: ${said}`,
      );
      return `  ${eventId.split('-')[0]}: ${tookMs} ms, ${waitedMs} ms of them without a fault; ${[stored, ...tries].join('; ')}`;
    }),
  ];
}

/** Epoch ms of a UUID version 7: its first 48 bits (RFC 9562, section 5.7). */
const timeOf = (uuid: string): number => parseInt(uuid.replace('-', '').slice(0, 12), 16);
