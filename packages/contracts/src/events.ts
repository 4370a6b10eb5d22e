// Events: what is published, what is answered, what is kept.
import { z } from 'zod';
import { DeliveryStatus } from './deliveries.js';
import { EpochMs, EventId, Name, TopicName, Uuid } from './text.js';

export const maxEventDepth = 64;
export const defaultMaxEventBytes = 262_144;
export const maxEventsPerRequest = 100;
/** The same Id again within this time is the same event. */
export const duplicateWindowMs = 72 * 3_600_000;

export const Actor = z.strictObject({ Type: Name, Id: Name });
export type Actor = z.infer<typeof Actor>;

/**
 * The members of a published event other than `Data` and `PreviousData`, which stay text: they go out as they came in.
 * Over HTTP `Topic` is required; over NATS it is the subject's.
 */
export const EventMembers = z.strictObject({
  Id: EventId.optional(),
  Topic: TopicName.optional(),
  CreatedAt: EpochMs.optional(),
  UpdatedAt: EpochMs.optional(),
  Resource: Name.nullable().optional(),
  Actor: Actor.nullable().optional(),
});
export type EventMembers = z.infer<typeof EventMembers>;

/** The whole event as it is documented for publishers. */
export const PublishedEvent = EventMembers.extend({
  Topic: TopicName,
  Data: z.record(z.string(), z.unknown()),
  PreviousData: z.record(z.string(), z.unknown()).nullable().optional(),
});
export type PublishedEvent = z.infer<typeof PublishedEvent>;

/** What a CloudEvent says besides what any event has: as published. https://github.com/cloudevents/spec, 1.0 */
export const CloudEventOrigin = z.strictObject({
  /** Its `id`; the event's own Id is made of it where it holds other characters than an Id may (docs/publishing.md). */
  Id: z.string(),
  Source: z.string(),
  Subject: z.string().nullable(),
  DataSchema: z.string().nullable(),
  Extensions: z.record(z.string(), z.union([z.string(), z.boolean(), z.int()])),
});
export type CloudEventOrigin = z.infer<typeof CloudEventOrigin>;

export const AcceptedEvent = z.strictObject({
  Id: EventId,
  Duplicate: z.boolean(),
  Deliveries: z.int().min(0),
});
export type AcceptedEvent = z.infer<typeof AcceptedEvent>;

export const EventSource = z.enum(['nats', 'http', 'postrider']);
export type EventSource = z.infer<typeof EventSource>;

/** A row of the events list; `AcceptedAt` is when it was committed. */
export const EventSummary = z.strictObject({
  Id: EventId,
  OrganizationId: Uuid,
  Topic: z.string(),
  CreatedAt: EpochMs,
  UpdatedAt: EpochMs,
  Resource: z.string().nullable(),
  Actor: Actor.nullable(),
  /** Null unless it was published as a CloudEvent. */
  CloudEvent: CloudEventOrigin.nullable(),
  Source: EventSource,
  AcceptedAt: EpochMs,
  Deliveries: z.int(),
});
export type EventSummary = z.infer<typeof EventSummary>;

/**
 * Why a webhook got an event or did not. All but `delivered` and `not_addressed` are judged by the webhook as it is now:
 * `changed_since` is one that would get the event today.
 */
export const WebhookVerdict = z.enum([
  'delivered',
  'topic',
  'filter',
  'disabled',
  'created_later',
  'not_addressed',
  'changed_since',
]);
export type WebhookVerdict = z.infer<typeof WebhookVerdict>;

/** What became of an event at one webhook; `FailedRule` is the index of the first rule of its filter that did not hold. */
export const EventAtWebhook = z.strictObject({
  WebhookId: Uuid,
  Verdict: WebhookVerdict,
  FailedRule: z.int().nullable(),
  DeliveryId: Uuid.nullable(),
  Status: DeliveryStatus.nullable(),
});
export type EventAtWebhook = z.infer<typeof EventAtWebhook>;

/** One event whole; `Data` and `PreviousData` stand as published. */
export const EventDetail = EventSummary.extend({
  Webhooks: z.array(EventAtWebhook),
  PreviousData: z.record(z.string(), z.unknown()).nullable(),
  Data: z.record(z.string(), z.unknown()),
});
export type EventDetail = z.infer<typeof EventDetail>;

/** Why a message over NATS was not accepted, with as much of it as helps to find the publisher's mistake. */
export const RejectedEvent = z.strictObject({
  Id: Uuid,
  OrganizationId: Uuid.nullable(),
  Subject: z.string(),
  Topic: z.string().nullable(),
  EventId: z.string().nullable(),
  Code: z.string(),
  Reason: z.string(),
  Errors: z.array(z.strictObject({ pointer: z.string().optional(), detail: z.string() })),
  Payload: z.string(),
  PayloadEncoding: z.enum(['utf8', 'base64']),
  PayloadTruncated: z.boolean(),
  RejectedAt: EpochMs,
});
export type RejectedEvent = z.infer<typeof RejectedEvent>;
