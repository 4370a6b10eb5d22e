// What has become of a webhook, as an event of Postrider's own about it.
import type { ServiceRequest, WebhookConfiguration } from '@postrider/contracts';
import type { IncomingEvent } from '../shared/event.js';
import { webhookData } from './ping-event.js';

/** Its Id and times are those of what happened: told twice, it is the same event. */
export function operationalEvent(
  webhook: WebhookConfiguration,
  told: ServiceRequest<'operationalEvent'>,
): IncomingEvent {
  const { Reason, ConsecutiveFailures, FailingSince } = told;
  return {
    organizationId: told.OrganizationId,
    id: told.EventId,
    topic: told.Topic,
    createdAt: told.CreatedAt,
    updatedAt: told.CreatedAt,
    timesGiven: 0,
    resource: 'webhook',
    actor: null,
    data: JSON.stringify({ ...webhookData(webhook), Reason, ConsecutiveFailures, FailingSince }),
    previousData: null,
  };
}
