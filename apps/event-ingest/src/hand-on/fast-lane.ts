// After the commit: what is due now goes to the dispatchers at once. Fire and forget; what gets lost on the way comes
// due again when its lease ends, and a claim finds it in PostgreSQL.
import { encodeLaneMessage, laneSubject, type LaneDelivery, type LaneEvent } from '@postrider/contracts';
import type { PlannedEvent } from '../shared/event.js';
import { loneMessageBytes, packLane } from './pack-lane.policy.js';

/** What of Messaging is needed here. */
export interface LanePublisher {
  readonly maxPayloadBytes: number;
  /** Answers false when nothing was sent. */
  publish(subject: string, payload: Uint8Array): boolean;
}

export class FastLane {
  constructor(
    private readonly publisher: LanePublisher,
    private readonly onError: (error: unknown) => void,
  ) {}

  /** Whether an event of that many bytes can go this way: else its deliveries are left to the claim, and due at once. */
  fits(textBytes: number): boolean {
    return loneMessageBytes(textBytes) <= this.publisher.maxPayloadBytes;
  }

  /** `nowMs`: the time of the commit, from which the leases run. Never throws: what is committed is accepted. */
  handOn(
    committed: readonly PlannedEvent[],
    nowMs: number,
    trigger: LaneDelivery['trigger'],
    traceparents?: ReadonlyMap<PlannedEvent, string>,
  ): void {
    try {
      const deliveries = committed.flatMap((planned) =>
        toLane(planned, nowMs, trigger, traceparents?.get(planned)),
      );
      for (const message of packLane(deliveries, this.publisher.maxPayloadBytes)) {
        if (!this.publisher.publish(laneSubject, encodeLaneMessage(message))) return;
      }
    } catch (error) {
      this.onError(error);
    }
  }
}

/** Deliveries with a lease, which is to say: not held, and not too large for the lane. */
function toLane(
  { event, text, deliveries }: PlannedEvent,
  nowMs: number,
  trigger: LaneDelivery['trigger'],
  traceparent: string | undefined,
): LaneDelivery[] {
  const laneEvent: LaneEvent = {
    organizationId: event.organizationId,
    id: event.id,
    topic: event.topic,
    text,
    traceparent,
  };
  return deliveries.flatMap(({ id, webhookId, leaseMs }) =>
    leaseMs === null || leaseMs === 0
      ? []
      : [{ event: laneEvent, id, webhookId, leaseUntil: nowMs + leaseMs, trigger }],
  );
}
