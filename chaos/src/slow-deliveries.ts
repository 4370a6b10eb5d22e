// Of healthy webhooks' deliveries that took long all the same: which door their event came by, and what each attempt said.
import type { Publisher } from './publisher.js';
import type { Customer, Playground, World } from './world.js';

const slowMs = 2_000;
const maxTold = 20;

interface SlowPair {
  readonly eventId: string;
  readonly webhookId: string;
  readonly acceptedAt: number;
  readonly tookMs: number;
}

/** Lines to say, none where nothing was slow. */
export async function explainSlow(
  world: World<Playground>,
  publisher: Publisher,
  counts: (customer: Customer) => boolean = () => true,
): Promise<string[]> {
  const slow: SlowPair[] = [];
  for (const [eventId, { customer, at }] of publisher.accepted) {
    if (!counts(customer)) continue;
    for (const webhookId of customer.webhookIds) {
      const entry = world.zoo.webhooks.get(webhookId);
      const firstAt = entry?.kind === 'healthy' ? entry.receipts.firstAt.get(eventId) : undefined;
      if (firstAt !== undefined && firstAt - at > slowMs)
        slow.push({ eventId, webhookId, acceptedAt: at, tookMs: firstAt - at });
    }
  }
  if (slow.length === 0) return [];
  const told = slow.slice(0, maxTold);
  const attempts = await world.system.database.query<{
    event_id: string;
    number: number;
    started_at: string;
    duration_ms: number | null;
    said: string | null;
  }>(
    `SELECT d.event_id, a.number, a.started_at, a.duration_ms, coalesce(a.error_code, a.status_code::text) AS said
     FROM deliveries d JOIN attempts a ON a.organization_id = d.organization_id AND a.delivery_id = d.id
     WHERE (d.event_id, d.webhook_id) IN (SELECT * FROM unnest($1::text[], $2::uuid[]))
     ORDER BY a.started_at`,
    [told.map(({ eventId }) => eventId), told.map(({ webhookId }) => webhookId)],
  );
  return [
    `${slow.length} deliveries to healthy webhooks took over ${slowMs} ms; the first of them:`,
    ...told.map(({ eventId, acceptedAt, tookMs }) => {
      const tries = attempts
        .filter((attempt) => attempt.event_id === eventId)
        .map(
          ({ number, started_at, duration_ms, said }) =>
            `attempt ${number} ${Number(started_at) - acceptedAt} ms after, ${duration_ms ?? 0} ms long: ${said}`,
        );
      return `  ${eventId.split('-')[0]}: ${tookMs} ms; ${tries.join('; ')}`;
    }),
  ];
}
