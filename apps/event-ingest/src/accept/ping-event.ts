// A ping is an event of Postrider's own, about the webhook that it goes to (product section 2).
import { PING_TOPIC, type WebhookConfiguration } from '@postrider/contracts';
import { newId } from '@postrider/database';
import type { IncomingEvent, Target } from '../shared/event.js';

export function pingEvent(webhook: WebhookConfiguration, nowMs: number): IncomingEvent {
  return {
    organizationId: webhook.OrganizationId,
    id: newId(nowMs),
    topic: PING_TOPIC,
    createdAt: nowMs,
    updatedAt: nowMs,
    timesGiven: 0,
    resource: 'webhook',
    actor: null,
    data: JSON.stringify(webhookData(webhook)),
    previousData: null,
  };
}

/** What events about a webhook tell of it (product section 2). */
export function webhookData(webhook: WebhookConfiguration): object {
  const { Id, OrganizationId, Alias, Url, Topics, State, CreatedAt, UpdatedAt } = webhook;
  return { Id, OrganizationId, Alias, Url, Topics, State, CreatedAt, UpdatedAt };
}

/** What an event of this topic looks like, for one webhook to be tried on. `data`: JSON text of an object. */
export function exampleEvent(
  { OrganizationId }: WebhookConfiguration,
  topic: string,
  data: string,
  nowMs: number,
): IncomingEvent {
  return {
    organizationId: OrganizationId,
    id: newId(nowMs),
    topic,
    createdAt: nowMs,
    updatedAt: nowMs,
    timesGiven: 0,
    resource: null,
    actor: null,
    data,
    previousData: null,
  };
}

/** Whatever the webhook's topics, filter and state. */
export function pingTarget({ Id, TimeoutSeconds }: WebhookConfiguration): Target {
  return { webhookId: Id, timeoutSeconds: TimeoutSeconds, held: false };
}
