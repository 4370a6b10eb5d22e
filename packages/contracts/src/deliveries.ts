// Deliveries and their attempts, as the API tells them.
import { z } from 'zod';
import { EpochMs, Uuid } from './text.js';

export const deliveryStatuses = ['Pending', 'Succeeded', 'Failed', 'Held', 'Cancelled'] as const;
export const DeliveryStatus = z.enum(deliveryStatuses, {
  error: `must be one of ${deliveryStatuses.join(', ')}`,
});
export type DeliveryStatus = z.infer<typeof DeliveryStatus>;

/** How a delivery came to be. */
export const DeliveryTrigger = z.enum(['event', 'ping']);
export type DeliveryTrigger = z.infer<typeof DeliveryTrigger>;

/** Why an attempt was made. */
export const AttemptTrigger = z.enum(['event', 'retry', 'resend', 'ping']);
export type AttemptTrigger = z.infer<typeof AttemptTrigger>;

/** What went wrong with an attempt: one code per kind of failure. */
export const attemptErrorCodes = [
  'http_status',
  'timeout_connect',
  'timeout_tls',
  'timeout_headers',
  'timeout_body',
  'dns',
  'connection_refused',
  'connection_reset',
  'tls_certificate',
  'tls',
  'redirect',
  'invalid_response',
  'response_too_large',
  'egress_blocked',
  'payload_too_large',
  'mail_deferred',
  'mail_refused',
  'recipient_unconfirmed',
] as const;
export const AttemptErrorCode = z.enum(attemptErrorCodes);
export type AttemptErrorCode = z.infer<typeof AttemptErrorCode>;

export const AttemptError = z.strictObject({ Code: AttemptErrorCode, Message: z.string() });
export type AttemptError = z.infer<typeof AttemptError>;

/** Header names to values; a header that came more than once has its values joined by ", ". */
export const HeaderMap = z.record(z.string(), z.string());

/** A request as it was sent. Mail has its address for `Url` (`mailto:`), its headers and its text. */
export const SentRequest = z.strictObject({ Url: z.string(), Headers: HeaderMap, Body: z.string() });
export type SentRequest = z.infer<typeof SentRequest>;

export const Attempt = z.strictObject({
  Id: Uuid,
  Number: z.int().min(1),
  Trigger: AttemptTrigger,
  StartedAt: EpochMs,
  DurationMs: z.int().min(0),
  StatusCode: z.int().nullable(),
  Error: AttemptError.nullable(),
  Request: SentRequest,
  Response: z
    .strictObject({
      Headers: HeaderMap,
      Body: z.string(),
      Encoding: z.enum(['utf8', 'base64']),
      Truncated: z.boolean(),
    })
    .nullable(),
});
export type Attempt = z.infer<typeof Attempt>;

/** `LastError` is the last attempt's `Error`, `DurationMs` its duration. */
export const Delivery = z.strictObject({
  Id: Uuid,
  OrganizationId: Uuid,
  WebhookId: Uuid,
  EventId: z.string(),
  Topic: z.string(),
  Status: DeliveryStatus,
  Trigger: DeliveryTrigger,
  AttemptsCount: z.int().min(0),
  NextAttemptAt: EpochMs.nullable(),
  LastStatusCode: z.int().nullable(),
  LastError: AttemptError.nullable(),
  DurationMs: z.int().nullable(),
  CreatedAt: EpochMs,
  UpdatedAt: EpochMs,
});
export type Delivery = z.infer<typeof Delivery>;

export const DeliveryWithAttempts = Delivery.extend({ Attempts: z.array(Attempt) });
export type DeliveryWithAttempts = z.infer<typeof DeliveryWithAttempts>;
