// The fast lane: committed deliveries on their way from event-ingest to dispatcher, many per message, the text of each
// event once. Losing a message costs a delay (the lease), never a delivery.
import { z } from 'zod';
import { decodeFrame, encodeFrame, splitChunks } from './frame.js';

export const maxDeliveriesPerLaneMessage = 64;
export const maxLaneMessageBytes = 262_144;

/** Lease of a delivery: the longest its attempt can take, and a margin to come to it. */
export const leaseMarginMs = 10_000;
export function leaseMs(timeoutSeconds: number): number {
  return timeoutSeconds * 1000 + leaseMarginMs;
}

const LaneHead = z.object({
  Events: z.array(
    z.object({
      OrganizationId: z.string(),
      Id: z.string(),
      Topic: z.string(),
      /** Length of the event's text in bytes. */
      Bytes: z.int().min(2),
      /** W3C trace context, where events are traced. */
      Traceparent: z.string().optional(),
    }),
  ),
  Deliveries: z.array(
    z.object({
      /** Index into Events. */
      Event: z.int().min(0),
      Id: z.string(),
      WebhookId: z.string(),
      /** The lease token, epoch ms by the database clock: `due_at` as committed. */
      LeaseUntil: z.int(),
      Trigger: z.enum(['event', 'ping']),
    }),
  ),
});

export interface LaneEvent {
  readonly organizationId: string;
  readonly id: string;
  readonly topic: string;
  /** The event's JSON text, UTF-8, as it was stored: one object, without `Metadata`. */
  readonly text: Buffer;
  /** W3C trace context, where events are traced. */
  readonly traceparent?: string | undefined;
}

/** A delivery whose first attempt is due now. */
export interface LaneDelivery {
  readonly event: LaneEvent;
  readonly id: string;
  readonly webhookId: string;
  readonly leaseUntil: number;
  readonly trigger: 'event' | 'ping';
}

/** Encodes deliveries; those of the same `event` object share its text. The caller keeps to the limits above. */
export function encodeLaneMessage(deliveries: readonly LaneDelivery[]): Buffer {
  const indexes = new Map<LaneEvent, number>();
  const chunks: Buffer[] = [];
  const Events: z.infer<typeof LaneHead>['Events'] = [];
  const Deliveries = deliveries.map(({ event, id, webhookId, leaseUntil, trigger }) => {
    let index = indexes.get(event);
    if (index === undefined) {
      index = chunks.push(event.text) - 1;
      indexes.set(event, index);
      Events.push({
        OrganizationId: event.organizationId,
        Id: event.id,
        Topic: event.topic,
        Bytes: event.text.length,
        Traceparent: event.traceparent,
      });
    }
    return { Event: index, Id: id, WebhookId: webhookId, LeaseUntil: leaseUntil, Trigger: trigger };
  });
  return encodeFrame({ Events, Deliveries }, chunks);
}

/** Throws where the message does not parse: the caller records it and goes on, the deliveries come due again. */
export function decodeLaneMessage(bytes: Uint8Array): LaneDelivery[] {
  const { head, rest } = decodeFrame(bytes);
  const { Events, Deliveries } = LaneHead.parse(head);
  const texts = splitChunks(
    rest,
    Events.map((event) => event.Bytes),
  );
  const events = Events.map((event, index): LaneEvent => {
    const text = texts[index];
    if (text === undefined) throw new RangeError('an event without text');
    const { OrganizationId: organizationId, Id: id, Topic: topic, Traceparent: traceparent } = event;
    return { organizationId, id, topic, text, traceparent };
  });
  return Deliveries.map((delivery) => {
    const event = events[delivery.Event];
    if (event === undefined) throw new RangeError(`delivery ${delivery.Id} names no event of its message`);
    return {
      event,
      id: delivery.Id,
      webhookId: delivery.WebhookId,
      leaseUntil: delivery.LeaseUntil,
      trigger: delivery.Trigger,
    };
  });
}

export const LaneHeadSchema = LaneHead;
