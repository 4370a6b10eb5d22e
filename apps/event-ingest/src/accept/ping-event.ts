// A ping is an event of Postrider's own, about the webhook that it goes to (product section 2).
import { PING_TOPIC, type WebhookConfiguration } from '@postrider/contracts';
import { newId } from '@postrider/database';
import type { IncomingEvent, Target } from '../shared/event.js';

export function pingEvent(webhook: WebhookConfiguration, nowMs: number): IncomingEvent {
  const { Id, OrganizationId, Alias, Url, Topics, State, CreatedAt, UpdatedAt } = webhook;
  return {
    organizationId: OrganizationId,
    id: newId(nowMs),
    topic: PING_TOPIC,
    createdAt: nowMs,
    updatedAt: nowMs,
    timesGiven: 0,
    resource: 'webhook',
    actor: null,
    data: JSON.stringify({ Id, OrganizationId, Alias, Url, Topics, State, CreatedAt, UpdatedAt }),
    previousData: null,
  };
}

/** Whatever the webhook's topics, filter and state. */
export function pingTarget({ Id, TimeoutSeconds }: WebhookConfiguration): Target {
  return { webhookId: Id, timeoutSeconds: TimeoutSeconds, held: false };
}
