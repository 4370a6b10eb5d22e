// What an operator sees of this service: counters, and one wide line per batch and per rejected event. Never an event's
// content: ids, topics, codes and numbers alone.
import { counter, gauge, histogram, type Logger, type ReadFigure } from '@postrider/runtime';
import type { AcceptOutcome, Door } from './shared/event.js';

const eventsAccepted = counter('postrider_events_accepted_total', 'Events that were committed.', ['door']);
const eventsDuplicate = counter(
  'postrider_events_duplicate_total',
  'Events that had been accepted before, and were not sent again.',
  ['door'],
);
const eventsRejected = counter(
  'postrider_events_rejected_total',
  'Events that were not accepted, by error code; a request over HTTP counts once.',
  ['door', 'code'],
);
const deliveriesCreated = counter(
  'postrider_deliveries_created_total',
  'Deliveries that were committed together with their event.',
  ['door'],
);
const deliveriesWithheld = counter(
  'postrider_deliveries_withheld_total',
  'Deliveries that were not made because the filter of a webhook with the topic did not let the event through.',
);
const batchEvents = histogram(
  'postrider_ingest_batch_events',
  'Events per batch.',
  [1, 2, 5, 10, 20, 50, 100, 200],
  ['door'],
);
const commitSeconds = histogram(
  'postrider_ingest_commit_seconds',
  'From a batch to its commit.',
  [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5],
  ['door'],
);

/** What an instance tells of itself on the System page (contracts: ServiceStatus.Figures). */
export const statusFigures: Readonly<Record<string, ReadFigure>> = {
  EventsPending: { metric: 'postrider_ingest_consumer_lag', labels: { state: 'pending' } },
  EventsUnacknowledged: { metric: 'postrider_ingest_consumer_lag', labels: { state: 'unacknowledged' } },
  EventsAccepted: { metric: 'postrider_events_accepted_total' },
  EventsDuplicate: { metric: 'postrider_events_duplicate_total' },
  EventsRejected: { metric: 'postrider_events_rejected_total' },
  DeliveriesCreated: { metric: 'postrider_deliveries_created_total' },
};

export interface BatchSummary {
  readonly door: Door;
  readonly outcomes: readonly AcceptOutcome[];
  /** What the batch committed. */
  readonly deliveries: number;
  readonly durationMs: number;
}

export class Telemetry {
  constructor(private readonly logger: Logger) {}

  batch({ door, outcomes, deliveries, durationMs }: BatchSummary): void {
    const counts = { accepted: 0, duplicate: 0, reused: 0, refused: 0 };
    for (const { kind } of outcomes) counts[kind] += 1;
    if (counts.accepted > 0) eventsAccepted.inc({ door }, counts.accepted);
    if (counts.duplicate > 0) eventsDuplicate.inc({ door }, counts.duplicate);
    if (deliveries > 0) deliveriesCreated.inc({ door }, deliveries);
    batchEvents.observe({ door }, outcomes.length);
    commitSeconds.observe({ door }, durationMs / 1000);
    this.logger.debug(
      { door, events: outcomes.length, ...counts, deliveries, durationMs: Math.round(durationMs * 10) / 10 },
      'events.accepted',
    );
  }

  withheld(): void {
    deliveriesWithheld.inc();
  }

  rejected(door: Door, code: string, ids: Readonly<Record<string, string | null>>): void {
    eventsRejected.inc({ door, code });
    this.logger.info({ door, code, ...ids }, 'event.rejected');
  }

  /** What must not happen and is survived. */
  trouble(what: string, error: unknown): void {
    this.logger.error({ error }, what);
  }
}

interface ConsumerLag {
  readonly pending: number;
  readonly unacknowledged: number;
}

let readConsumerLag: () => Promise<ConsumerLag | null> = async () => null;

const consumerLag = gauge(
  'postrider_ingest_consumer_lag',
  'Events in JetStream: not yet handed out (pending), and handed out but not acknowledged. NaN while NATS is away.',
  ['state'],
  async () => {
    const lag = await readConsumerLag().catch(() => null);
    consumerLag.set({ state: 'pending' }, lag?.pending ?? Number.NaN);
    consumerLag.set({ state: 'unacknowledged' }, lag?.unacknowledged ?? Number.NaN);
  },
);

/** How the lag is found when somebody reads the metrics; null while NATS is away. */
export function reportConsumerLag(read: () => Promise<ConsumerLag | null>): void {
  readConsumerLag = read;
}
