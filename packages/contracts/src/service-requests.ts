// What the services ask of each other (NATS request/reply, JSON), and the notices they publish.
import { z } from 'zod';
import { AuthorizationValue, EpochMs, EventId, TopicName, Uuid } from './text.js';
import { OperationalTopic } from './topics.js';
import { DisabledReason, SigningSecret } from './webhooks.js';
import type { RequestName } from './subjects.js';

const OfWebhook = z.object({ OrganizationId: Uuid, WebhookId: Uuid });

export const SecretState = z.object({
  SecretVersion: z.int().min(1),
  SecretCreatedAt: EpochMs,
  PreviousSecretExpiresAt: EpochMs.nullable(),
});
export type SecretState = z.infer<typeof SecretState>;

const Deliveries = z.object({ Deliveries: z.int().min(0) });

/** Request and reply body of each JSON request (`sign` is framed bytes: see signing.ts). */
export const serviceRequests = {
  createSecret: {
    request: OfWebhook.extend({ Authorization: AuthorizationValue.nullable() }),
    reply: SecretState.extend({ SigningSecret }),
  },
  rotateSecret: {
    request: OfWebhook.extend({ GraceSeconds: z.int().min(0).max(604_800) }),
    reply: SecretState.extend({ SigningSecret }),
  },
  setAuthorization: {
    request: OfWebhook.extend({ Authorization: AuthorizationValue.nullable() }),
    reply: z.object({}),
  },
  deleteSecrets: {
    request: z.object({ OrganizationId: Uuid, WebhookId: Uuid.nullable() }),
    reply: z.object({}),
  },
  ping: {
    request: OfWebhook,
    reply: z.object({ EventId, DeliveryId: Uuid }),
  },
  /** What has become of a webhook. Told again with the same EventId it is the same event. */
  operationalEvent: {
    request: OfWebhook.extend({
      EventId,
      Topic: OperationalTopic,
      CreatedAt: EpochMs,
      Reason: DisabledReason.nullable(),
      ConsecutiveFailures: z.int().min(0),
      FailingSince: EpochMs.nullable(),
    }),
    reply: Deliveries,
  },
  /** `Data`: JSON text of an object. */
  sendExample: {
    request: OfWebhook.extend({ Topic: TopicName, Data: z.string() }),
    reply: z.object({ EventId, DeliveryId: Uuid }),
  },
  resend: {
    request: z.object({ OrganizationId: Uuid, DeliveryId: Uuid }),
    reply: z.object({ ResendId: Uuid }),
  },
  /** Held deliveries of a webhook become Pending (`deliver`) or Cancelled (`discard`). */
  releaseHeld: {
    request: OfWebhook.extend({ Held: z.enum(['deliver', 'discard']) }),
    reply: Deliveries,
  },
  holdPending: { request: OfWebhook, reply: Deliveries },
  /** Mails the link by which the reader of a webhook's address agrees; `LinkBase`: where config-api is reached. */
  sendConfirmation: { request: OfWebhook.extend({ LinkBase: z.string() }), reply: z.object({}) },
  cancelPending: { request: OfWebhook, reply: Deliveries },
} as const satisfies Partial<Record<RequestName, { request: z.ZodType; reply: z.ZodType }>>;

export type ServiceRequestName = keyof typeof serviceRequests;
export type ServiceRequest<N extends ServiceRequestName> = z.infer<(typeof serviceRequests)[N]['request']>;
export type ServiceReply<N extends ServiceRequestName> = z.infer<(typeof serviceRequests)[N]['reply']>;

/** Every JSON reply: the body, or an entry of the error catalogue. */
export const ReplyEnvelope = z.union([
  z.object({ Ok: z.literal(true), Body: z.unknown() }),
  z.object({ Ok: z.literal(false), Code: z.string(), Detail: z.string() }),
]);
export type ReplyEnvelope = z.infer<typeof ReplyEnvelope>;

/** Bodies of the notices. */
export const WebhookNotice = OfWebhook;
export type WebhookNotice = z.infer<typeof WebhookNotice>;
export const DispatcherNotice = z.object({ Id: Uuid, Leaving: z.boolean() });
export type DispatcherNotice = z.infer<typeof DispatcherNotice>;
export const ApiKeyNotice = z.object({ Id: Uuid });
export type ApiKeyNotice = z.infer<typeof ApiKeyNotice>;
export const DeliveriesChangedNotice = z.object({ DeliveryIds: z.array(Uuid) });
export type DeliveriesChangedNotice = z.infer<typeof DeliveriesChangedNotice>;
