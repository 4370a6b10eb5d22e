// What a receiver gets, in one place: the dispatcher builds requests from it, config-api rebuilds them for the record,
// so that the record shows exactly what was sent.
import type { AttemptTrigger } from './deliveries.js';
import type { CloudEventOrigin } from './events.js';

/** The envelope of an event, as it is stored once and sent to every webhook. */
export interface EventEnvelope {
  readonly id: string;
  readonly topic: string;
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly organizationId: string;
  readonly resource: string | null;
  /** JSON text as published, or null. */
  readonly previousData: string | null;
  readonly actor: { readonly Type: string; readonly Id: string } | null;
  /** Where it was published as a CloudEvent. */
  readonly cloudEvent?: CloudEventOrigin;
  /** JSON text as published. */
  readonly data: string;
}

/** JSON text of an event, without `Metadata`; `Data` and `PreviousData` are joined in as they are. */
export function eventText(event: EventEnvelope): string {
  const actor =
    event.actor === null ? '' : `"Actor":${JSON.stringify({ Type: event.actor.Type, Id: event.actor.Id })},`;
  const origin = event.cloudEvent === undefined ? '' : `"CloudEvent":${JSON.stringify(event.cloudEvent)},`;
  return (
    `{"Id":"${event.id}","Topic":"${event.topic}","CreatedAt":${event.createdAt},"UpdatedAt":${event.updatedAt},` +
    `"OrganizationId":"${event.organizationId}","Resource":${JSON.stringify(event.resource)},` +
    `"PreviousData":${event.previousData ?? 'null'},${actor}${origin}"Data":${event.data}}`
  );
}

export interface AttemptIds {
  readonly webhookId: string;
  readonly deliveryId: string;
  readonly attemptId: string;
  readonly eventId: string;
  readonly topic: string;
}

/** The part of an event's text that all its request bodies share: all but the closing brace. */
export function bodyPrefix(text: Buffer): Buffer {
  return text.subarray(0, text.length - 1);
}

/** What follows `bodyPrefix` in a request's body. All values are ids and topics: nothing in them needs escaping. */
export function bodySuffix(ids: AttemptIds): string {
  return (
    `,"Metadata":{"Webhook":{"Id":"${ids.webhookId}"},"Delivery":{"Id":"${ids.deliveryId}"},` +
    `"Attempt":{"Id":"${ids.attemptId}"},"Event":{"Id":"${ids.eventId}","Topic":"${ids.topic}"}}}`
  );
}

export interface RequestHeaderValues {
  readonly ids: AttemptIds;
  readonly userAgent: string;
  readonly authorization: string | null;
  readonly hubSignature: string;
  readonly standardSignature: string;
  /** Unix seconds. */
  readonly timestamp: number;
  readonly attemptNumber: number;
  readonly trigger: AttemptTrigger;
}

export function userAgent(version: string): string {
  return `Postrider/${version}`;
}

/** Header names and values, alternating, in the order in which they are sent (product section 2). */
export function requestHeaders(values: RequestHeaderValues): string[] {
  const { ids } = values;
  const headers = ['Content-Type', 'application/json; charset=utf-8', 'User-Agent', values.userAgent];
  if (values.authorization !== null) headers.push('Authorization', values.authorization);
  headers.push(
    'X-Hub-Signature',
    values.hubSignature,
    'X-Hub-Signature-256',
    values.hubSignature,
    'webhook-id',
    ids.eventId,
    'webhook-timestamp',
    String(values.timestamp),
    'webhook-signature',
    values.standardSignature,
    'X-Postrider-Topic',
    ids.topic,
    'X-Postrider-Webhook-Id',
    ids.webhookId,
    'X-Postrider-Delivery-Id',
    ids.deliveryId,
    'X-Postrider-Attempt-Id',
    ids.attemptId,
    'X-Postrider-Attempt',
    String(values.attemptNumber),
    'X-Postrider-Trigger',
    values.trigger,
  );
  return headers;
}
