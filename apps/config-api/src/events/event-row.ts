import type { EventSource, EventSummary } from '@postrider/contracts';
import { idMs } from '@postrider/database';
import type { EventTextParts } from './event-text.policy.js';

/** Columns of `events` that the API tells; the rest of an event is in its text. */
export const eventColumns = 'uid, organization_id, id, topic, source, deliveries, text';

export interface EventRow {
  readonly uid: string;
  readonly organization_id: string;
  readonly id: string;
  readonly topic: string;
  readonly source: EventSource;
  readonly deliveries: number;
  readonly text: string;
}

export function toEventSummary(row: EventRow, parts: EventTextParts): EventSummary {
  return {
    Id: row.id,
    OrganizationId: row.organization_id,
    Topic: row.topic,
    CreatedAt: parts.createdAt,
    UpdatedAt: parts.updatedAt,
    Resource: parts.resource,
    Actor: parts.actor,
    CloudEvent: parts.cloudEvent,
    Source: row.source,
    AcceptedAt: idMs(row.uid),
    Deliveries: row.deliveries,
  };
}
