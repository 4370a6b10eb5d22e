// The body of a webhook request, for those who receive it. It is built by outgoing-request.ts; a test holds the two together.
import { z } from 'zod';
import { Actor, CloudEventOrigin } from '../events.js';
import { EpochMs, EventId, TopicName, Uuid } from '../text.js';

const WithId = z.object({ Id: Uuid });

/** Not strict: receivers take keys that they do not know. */
export const DeliveredEvent = z.object({
  Id: EventId.describe('The same on every retry and resend: drop what you have seen.'),
  Topic: TopicName,
  CreatedAt: EpochMs,
  UpdatedAt: EpochMs,
  OrganizationId: Uuid,
  Resource: z.string().nullable(),
  PreviousData: z.record(z.string(), z.unknown()).nullable(),
  Actor: Actor.optional().describe('Where the publisher gave it.'),
  CloudEvent: CloudEventOrigin.optional().describe('Where it was published as a CloudEvent.'),
  Data: z.record(z.string(), z.unknown()).describe('As published: same keys, same order, every digit.'),
  Metadata: z.object({
    Webhook: WithId,
    Delivery: WithId,
    Attempt: WithId,
    Event: z.object({ Id: EventId, Topic: TopicName }),
  }),
});
export type DeliveredEvent = z.infer<typeof DeliveredEvent>;
