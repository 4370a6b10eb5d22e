import { DeliveryStatus, EventId, ListQuery, QueryEpochMs, TopicName, Uuid } from '@postrider/contracts';
import type { z } from 'zod';

/** `From` and `To` bound `CreatedAt`, both inclusive. */
export const DeliveriesQuery = ListQuery.extend({
  WebhookId: Uuid.optional(),
  Status: DeliveryStatus.optional(),
  Topic: TopicName.optional(),
  EventId: EventId.optional(),
  From: QueryEpochMs.optional(),
  To: QueryEpochMs.optional(),
});
export type DeliveriesQuery = z.infer<typeof DeliveriesQuery>;
