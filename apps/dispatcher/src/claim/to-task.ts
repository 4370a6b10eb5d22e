// From claimed rows to what the pipeline takes.
import { bodyPrefix } from '@postrider/contracts';
import type { DeliveryTask, TaskEvent } from '../task.js';
import type { ClaimedDelivery } from './claim-due-deliveries.js';
import type { ClaimedResend } from './claim-due-resends.js';
import type { ClaimedMessage } from './claim-messages.js';

/** Stands for the text of events that a message counts, but does not tell of. */
const untold = Buffer.alloc(0);

/** `events`: those of the same round, so that deliveries of one event share it. */
export function toTask(row: ClaimedDelivery | ClaimedMessage, events: Map<string, TaskEvent>): DeliveryTask {
  let event = events.get(row.event_uid);
  if (event === undefined) {
    event = {
      id: row.event_id,
      topic: row.topic,
      bodyPrefix: row.text === null ? untold : bodyPrefix(row.text),
    };
    events.set(row.event_uid, event);
  }
  const first = row.trigger === 'ping' ? 'ping' : 'event';
  return {
    organizationId: row.organization_id,
    deliveryId: row.id,
    webhookId: row.webhook_id,
    event,
    leaseUntil: row.due_at,
    trigger: row.scheduled_attempts === 0 ? first : 'retry',
    attemptNumber: row.attempts_count + 1,
    scheduledAttempts: row.scheduled_attempts,
    isClaimed: true,
    resendId: null,
  };
}

/** Null where the delivery or its event is gone. */
export function toResendTask(row: ClaimedResend): DeliveryTask | null {
  if (row.id === null || row.text === null) return null;
  return {
    organizationId: row.organization_id,
    deliveryId: row.id,
    webhookId: row.webhook_id,
    event: { id: row.event_id, topic: row.topic, bodyPrefix: bodyPrefix(row.text) },
    leaseUntil: row.due_at,
    trigger: 'resend',
    attemptNumber: row.attempts_count + 1,
    scheduledAttempts: row.scheduled_attempts,
    isClaimed: true,
    resendId: row.resend_id,
  };
}
