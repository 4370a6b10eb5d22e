// From an event and whom it goes to, all that its commit writes.
import { eventText, leaseMs } from '@postrider/contracts';
import { newId } from '@postrider/database';
import type { IncomingEvent, PlannedEvent, Target } from '../shared/event.js';

/**
 * `nowMs`: epoch ms by the database's clock. The uid and the deliveries' ids are of the same millisecond, so that the
 * deliveries of an event are a narrow range of ids. What does not fit the fast lane gets no lease: it is due at once.
 */
export function planEvent(
  event: IncomingEvent,
  targets: readonly Target[],
  nowMs: number,
  fitsLane: (textBytes: number) => boolean,
): PlannedEvent {
  const text = Buffer.from(eventText(event), 'utf8');
  const hasLease = fitsLane(text.length);
  return {
    event,
    text,
    uid: newId(nowMs),
    deliveries: targets.map(({ webhookId, timeoutSeconds, held }) => ({
      id: newId(nowMs),
      webhookId,
      leaseMs: held ? null : hasLease ? leaseMs(timeoutSeconds) : 0,
    })),
  };
}
