import {
  PING_TOPIC,
  RESERVED_TOPIC_PREFIX,
  type DeliveryStatus,
  type EventAtWebhook,
  type Filter,
  type WebhookState,
} from '@postrider/contracts';
import { idMs, idRange } from '@postrider/database';
import { compileFilter, evaluate, filterableEvent, matchesTopic } from '@postrider/matching';
import type { Pool } from 'pg';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { EventRow } from './event-row.js';
import type { EventTextParts } from './event-text.policy.js';
import { judgeWebhookVerdict } from './judge-webhook-verdict.policy.js';

/** Of the webhooks that did not get the event, the newest so many are told. */
const maxExplained = 1_000;
/** Filters compiled and evaluated in one go; in between others are served. */
const perTurn = 50;

interface WebhookRow {
  readonly id: string;
  readonly topics: string[];
  readonly filter: Filter | null;
  readonly state: WebhookState;
  readonly created_at: number;
}

/** What became of an event at each webhook: first those that got it, then the others with the reason. */
export async function explainEvent(
  pool: Pool,
  event: EventRow,
  parts: EventTextParts,
): Promise<EventAtWebhook[]> {
  const delivered = await findDeliveries(pool, event);
  const got = new Set(delivered.map(({ WebhookId }) => WebhookId));
  const webhooks = await pool.query<WebhookRow>(
    `SELECT id, topics, filter, state, created_at FROM webhooks
     WHERE organization_id = $1 AND deleted_at IS NULL AND id <> ALL($2::uuid[]) ORDER BY id DESC LIMIT ${maxExplained}`,
    [event.organization_id, [...got]],
  );
  const filterable = filterableEvent(parts.data, parts.resource, parts.actor);
  const judged = {
    topic: event.topic,
    acceptedAt: idMs(event.uid),
    isAddressed: isAddressed(event),
  };
  const firstFailedRule = (filter: Filter): number | null => {
    const result = evaluate(compileFilter(filter), filterable);
    return result.passes ? null : result.failedRule;
  };
  const others: EventAtWebhook[] = [];
  for (const [index, { id, created_at: createdAt, ...webhook }] of webhooks.rows.entries()) {
    if (index % perTurn === perTurn - 1) await nextTurn();
    const { verdict, failedRule } = judgeWebhookVerdict(
      { ...webhook, createdAt },
      judged,
      matchesTopic,
      firstFailedRule,
    );
    others.push({ WebhookId: id, Verdict: verdict, FailedRule: failedRule, DeliveryId: null, Status: null });
  }
  return [...delivered, ...others];
}

/** Index: the primary key (organization_id, id): an event's deliveries are made in the millisecond of its uid. */
async function findDeliveries(pool: Pool, event: EventRow): Promise<EventAtWebhook[]> {
  const range = idRange(idMs(event.uid), idMs(event.uid));
  const result = await pool.query<{ id: string; webhook_id: string; status: DeliveryStatus }>(
    `SELECT id, webhook_id, status FROM deliveries
     WHERE organization_id = $1 AND id >= $2 AND id <= $3 AND event_uid = $4 ORDER BY id DESC`,
    [event.organization_id, range.first, range.last, event.uid],
  );
  return result.rows.map((row) => ({
    WebhookId: row.webhook_id,
    Verdict: 'delivered',
    FailedRule: null,
    DeliveryId: row.id,
    Status: row.status,
  }));
}

/** Pings and examples go to one webhook; what Postrider tells of webhooks goes to whoever wants it. */
function isAddressed({ source, topic }: EventRow): boolean {
  return source === 'postrider' && (topic === PING_TOPIC || !topic.startsWith(RESERVED_TOPIC_PREFIX));
}
