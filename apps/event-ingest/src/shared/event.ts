// What the stages hand on to each other.
import type { EventEnvelope } from '@postrider/contracts';

/** Bits of events.times_given: which times were the publisher's, so that a duplicate is compared by those alone. */
export const createdAtGiven = 1;
export const updatedAtGiven = 2;

/** An event that was read and found good, and is not committed yet. */
export interface IncomingEvent extends EventEnvelope {
  readonly timesGiven: number;
}

/** Where an event came in. */
export type Door = 'http' | 'nats' | 'ping' | 'operational';

/** What matching makes of an event: whom it goes to. */
export interface Target {
  readonly webhookId: string;
  readonly timeoutSeconds: number;
  /** The webhook is paused: the delivery is kept, and waits for the resume. */
  readonly held: boolean;
}

/** A delivery as it will be inserted. */
export interface PlannedDelivery {
  readonly id: string;
  readonly webhookId: string;
  /** How long from the commit's time its first attempt belongs to the fast lane; null: held. */
  readonly leaseMs: number | null;
}

/** An event with all that its commit writes. */
export interface PlannedEvent {
  readonly event: IncomingEvent;
  readonly uid: string;
  /** The event's JSON text, UTF-8: stored, and sent to every webhook. */
  readonly text: Buffer;
  readonly deliveries: readonly PlannedDelivery[];
}

export type AcceptOutcome =
  | { readonly kind: 'accepted'; readonly deliveries: readonly PlannedDelivery[] }
  /** The same event again; `deliveries` is how many the first one got. */
  | { readonly kind: 'duplicate'; readonly deliveries: number }
  /** The Id was used for other content. */
  | { readonly kind: 'reused' }
  /** PostgreSQL refuses this very event, whatever its neighbours. */
  | { readonly kind: 'refused'; readonly reason: string };
