// What the dispatcher tells about itself: one wide line per attempt, counters and durations for Prometheus.
import { counter, gauge, histogram, type Logger, type ReadFigure } from '@postrider/runtime';
import type { DeliveryResult } from './deliver/http-client.js';
import { hasSucceeded, type AttemptOutcome } from './record/outcome.js';
import type { DeliveryTask } from './task.js';

const seconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 15, 30];

/** Attempts since somebody read the metrics last, by outcome and trigger: prom-client takes microseconds to count one. */
const attemptsSince = new Map<string, Map<string, number>>();

counter(
  'postrider_attempts_total',
  'Attempts by outcome: received, or the error code',
  ['outcome', 'trigger'],
  function () {
    for (const [trigger, outcomes] of attemptsSince)
      for (const [outcome, count] of outcomes) this.inc({ outcome, trigger }, count);
    attemptsSince.clear();
  },
);

function countAttempt(outcome: string, trigger: string): void {
  let outcomes = attemptsSince.get(trigger);
  if (outcomes === undefined) {
    outcomes = new Map<string, number>();
    attemptsSince.set(trigger, outcomes);
  }
  outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
}

const attemptSeconds = histogram('postrider_attempt_seconds', 'Duration of attempts', seconds);
const takenSince = { lane: 0, claim: 0 };

counter(
  'postrider_deliveries_taken_total',
  'Deliveries taken in, by the way they came',
  ['source'],
  function () {
    for (const source of ['lane', 'claim'] as const) {
      if (takenSince[source] > 0) this.inc({ source }, takenSince[source]);
      takenSince[source] = 0;
    }
  },
);
const parkedTotal = counter(
  'postrider_deliveries_parked_total',
  'Deliveries parked in PostgreSQL because their webhook had no room',
);
const droppedTotal = counter(
  'postrider_leases_expired_total',
  'Deliveries dropped because their lease ran out while they waited',
);
const batchRows = histogram(
  'postrider_record_batch_rows',
  'Rows per written batch',
  [1, 2, 5, 10, 20, 50, 100, 200, 500],
);
const recordSeconds = histogram('postrider_record_seconds', 'Duration of writing a batch', seconds);
const claimSeconds = histogram(
  'postrider_claim_seconds',
  'Duration of the statements of a round of claims',
  seconds,
);
const signSeconds = histogram(
  'postrider_sign_request_seconds',
  'Duration of a request to the signer',
  seconds,
);

/** What an instance tells of itself on the System page (contracts: ServiceStatus.Figures). */
export const statusFigures: Readonly<Record<string, ReadFigure>> = {
  AttemptsInFlight: { metric: 'postrider_attempts_in_flight' },
  DeliveriesWaiting: { metric: 'postrider_deliveries_waiting' },
  OutcomesUnrecorded: { metric: 'postrider_outcomes_unrecorded' },
  AttemptsMade: { metric: 'postrider_attempts_total' },
  DeliveriesFromFastLane: { metric: 'postrider_deliveries_taken_total', labels: { source: 'lane' } },
  DeliveriesClaimed: { metric: 'postrider_deliveries_taken_total', labels: { source: 'claim' } },
  DeliveriesParked: { metric: 'postrider_deliveries_parked_total' },
};

export interface Levels {
  readonly inFlight: () => number;
  readonly waiting: () => number;
  readonly unrecorded: () => number;
  /** Seconds. */
  readonly overdue: () => Promise<number>;
}

export function registerLevels(levels: Levels): void {
  gauge('postrider_attempts_in_flight', 'Requests under way', [], function () {
    this.set(levels.inFlight());
  });
  gauge('postrider_deliveries_waiting', 'Deliveries waiting in memory for their turn', [], function () {
    this.set(levels.waiting());
  });
  gauge('postrider_outcomes_unrecorded', 'Outcomes not yet committed', [], function () {
    this.set(levels.unrecorded());
  });
  gauge(
    'postrider_deliveries_overdue_seconds',
    'How long the delivery that has waited longest has been due; the same from every dispatcher',
    [],
    async function () {
      this.set(await levels.overdue());
    },
  );
}

export const measure = {
  taken: (source: 'lane' | 'claim') => {
    takenSince[source] += 1;
  },
  parked: () => parkedTotal.inc(),
  dropped: () => droppedTotal.inc(),
  recorded: (rows: number, startedMs: number) => {
    batchRows.observe(rows);
    recordSeconds.observe((performance.now() - startedMs) / 1000);
  },
  claimed: (durationMs: number) => claimSeconds.observe(durationMs / 1000),
  signed: (startedMs: number) => signSeconds.observe((performance.now() - startedMs) / 1000),
};

export function tellAttempt(
  logger: Logger,
  outcome: AttemptOutcome,
  task: DeliveryTask,
  result: DeliveryResult | null,
): void {
  countAttempt(outcome.errorCode ?? 'received', outcome.trigger);
  if (result !== null) attemptSeconds.observe(result.durationMs / 1000);
  // What was received is on record in PostgreSQL: a line for each would cost a tenth of the dispatcher's CPU.
  if (hasSucceeded(outcome) && !logger.isLevelEnabled('debug')) return;
  logger[hasSucceeded(outcome) ? 'debug' : 'info'](
    {
      organizationId: outcome.organizationId,
      webhookId: outcome.webhookId,
      deliveryId: outcome.deliveryId,
      attemptId: outcome.attemptId,
      eventId: task.event.id,
      topic: task.event.topic,
      trigger: outcome.trigger,
      attempt: outcome.number,
      received: hasSucceeded(outcome),
      statusCode: outcome.statusCode,
      errorCode: outcome.errorCode,
      status: outcome.status,
      nextAttemptInMs: outcome.delayMs,
      durationMs: outcome.durationMs,
    },
    'delivery.attempted',
  );
}
