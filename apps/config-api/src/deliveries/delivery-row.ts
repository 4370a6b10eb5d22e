import type { AttemptErrorCode, Delivery, DeliveryStatus, DeliveryTrigger } from '@postrider/contracts';
import { idMs } from '@postrider/database';

/** Columns of `deliveries` that the API tells. */
export const deliveryColumns = `id, organization_id, webhook_id, event_uid, event_id, topic, status, trigger, due_at,
  attempts_count, last_status_code, last_error_code, last_error_message, duration_ms, updated_at`;

export interface DeliveryRow {
  readonly id: string;
  readonly organization_id: string;
  readonly webhook_id: string;
  readonly event_uid: string;
  readonly event_id: string;
  readonly topic: string;
  readonly status: DeliveryStatus;
  readonly trigger: DeliveryTrigger;
  readonly due_at: number | null;
  readonly attempts_count: number;
  readonly last_status_code: number | null;
  readonly last_error_code: AttemptErrorCode | null;
  readonly last_error_message: string | null;
  readonly duration_ms: number | null;
  readonly updated_at: number;
}

export function toDeliveryResponse(row: DeliveryRow): Delivery {
  return {
    Id: row.id,
    OrganizationId: row.organization_id,
    WebhookId: row.webhook_id,
    EventId: row.event_id,
    Topic: row.topic,
    Status: row.status,
    Trigger: row.trigger,
    AttemptsCount: row.attempts_count,
    // While an attempt is under way this is when the next would be claimed if nothing came of it.
    NextAttemptAt: row.status === 'Pending' ? row.due_at : null,
    LastStatusCode: row.last_status_code,
    LastError:
      row.last_error_code === null
        ? null
        : { Code: row.last_error_code, Message: row.last_error_message ?? '' },
    DurationMs: row.duration_ms,
    CreatedAt: idMs(row.id),
    UpdatedAt: row.updated_at,
  };
}
