// What an HTTP request is answered, once its events are committed.
import { ProblemError, type AcceptedEvent, type FieldError } from '@postrider/contracts';
import type { AcceptOutcome, IncomingEvent } from '../shared/event.js';
import { pointerOf } from './cloud-event.js';
import { fieldsProblem, type ReadRequest } from './read-request.js';

/** Throws `event_id_reused` where an Id stands for other content: then no event of the request was accepted. */
export function answerRequest(
  { events, isArray }: ReadRequest,
  outcomes: readonly AcceptOutcome[],
): AcceptedEvent | AcceptedEvent[] {
  const reused: FieldError[] = [];
  const answers = events.map((event, index) => {
    const outcome = outcomes[index];
    if (outcome?.kind === 'reused') reused.push(reusedError(event, isArray ? `/${index}` : ''));
    return { Id: event.id, ...answer(outcome) };
  });
  if (reused.length > 0) throw fieldsProblem('event_id_reused', reused);
  const [first] = answers;
  if (first === undefined) throw new Error('a request without events was let through');
  return isArray ? answers : first;
}

function answer(outcome: AcceptOutcome | undefined): Omit<AcceptedEvent, 'Id'> {
  switch (outcome?.kind) {
    case 'accepted':
      return { Duplicate: false, Deliveries: outcome.deliveries.length };
    case 'duplicate':
      return { Duplicate: true, Deliveries: outcome.deliveries };
    case 'reused':
      return { Duplicate: false, Deliveries: 0 };
    case 'refused':
      throw new Error(`PostgreSQL refuses the event: ${outcome.reason}`);
    case undefined:
      throw new Error('an event has no outcome');
  }
}

function reusedError(event: IncomingEvent, base: string): FieldError {
  return {
    pointer: `${base}${pointerOf(event, '/Id')}`,
    detail: `${event.id} was used for an event with other content within the last 72 hours: take a new Id`,
  };
}

/** Why a message over NATS with this outcome is kept as a rejected event; null where it was accepted. */
export function problemOf(event: IncomingEvent, outcome: AcceptOutcome | undefined): ProblemError | null {
  switch (outcome?.kind) {
    case 'accepted':
    case 'duplicate':
      return null;
    case 'reused':
      return fieldsProblem('event_id_reused', [reusedError(event, '')]);
    case 'refused':
      return new ProblemError('internal', `the event could not be stored: ${outcome.reason}`);
    case undefined:
      throw new Error('an event has no outcome');
  }
}
