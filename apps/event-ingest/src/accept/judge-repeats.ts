// Tells for each event of a batch what became of it: accepted, the same as an earlier one, or an Id used anew.
import { ProblemError } from '@postrider/contracts';
import type { AcceptOutcome, IncomingEvent, PlannedEvent } from '../shared/event.js';
import { eventKey, type FirstEvent } from './load-first-events.js';
import { isSameEvent, isSameAsStored } from './same-event.js';

/** The first of each Id within a batch: what is to be inserted. */
export function firstOfEachId(planned: readonly PlannedEvent[]): PlannedEvent[] {
  const firsts = new Map<string, PlannedEvent>();
  for (const plan of planned) {
    const key = eventKey(plan.event);
    if (!firsts.has(key)) firsts.set(key, plan);
  }
  return firsts.size === planned.length ? [...planned] : [...firsts.values()];
}

/**
 * `fresh`: the events that were inserted. `loadFirst` finds what is stored for the others, by `eventKey`; asked only
 * if there are any.
 */
export async function judgeRepeats(
  planned: readonly PlannedEvent[],
  fresh: ReadonlySet<PlannedEvent>,
  loadFirst: (events: readonly IncomingEvent[]) => Promise<ReadonlyMap<string, FirstEvent>>,
): Promise<AcceptOutcome[]> {
  if (fresh.size === planned.length) return planned.map(accepted);
  const firsts = new Map([...fresh].map((plan) => [eventKey(plan.event), plan]));
  const elsewhere = planned.map(({ event }) => event).filter((event) => !firsts.has(eventKey(event)));
  const stored = elsewhere.length === 0 ? new Map<string, FirstEvent>() : await loadFirst(elsewhere);
  return planned.map((plan) => {
    if (fresh.has(plan)) return accepted(plan);
    const key = eventKey(plan.event);
    const first = firsts.get(key);
    if (first !== undefined) {
      return isSameEvent(plan.event, first.event) ? duplicate(first.deliveries.length) : { kind: 'reused' };
    }
    const before = stored.get(key);
    if (before === undefined) throw purgedMeanwhile();
    return isSameAsStored(plan.event, before) ? duplicate(before.deliveries) : { kind: 'reused' };
  });
}

/** An Id was known when it was inserted, and a moment later it is not: what comes again finds the way free. */
function purgedMeanwhile(): ProblemError {
  return new ProblemError('unavailable', 'what was stored under this Id is being deleted: try again', [], {
    'Retry-After': '1',
  });
}

function accepted({ deliveries }: PlannedEvent): AcceptOutcome {
  return { kind: 'accepted', deliveries };
}

function duplicate(deliveries: number): AcceptOutcome {
  return { kind: 'duplicate', deliveries };
}
