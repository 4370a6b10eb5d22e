// Where everything that becomes of a delivery is written: outcomes of attempts and moves in batches, then the counters of
// the charts and the notices for who watches.
import type { Logger } from '@postrider/runtime';
import type { Pool } from 'pg';
import { Batcher } from './batcher.js';
import { ChangeTeller } from './changed-deliveries.js';
import { MinuteTally } from './minute-tally.js';
import { moveDeliveries, type DeliveryMove } from './move-deliveries.js';
import type { AttemptOutcome } from './outcome.js';
import { recordAttempts } from './record-attempts.js';
import { outcomeWriter } from './write-outcomes.js';

export interface RecorderOptions {
  readonly pool: Pool;
  readonly logger: Logger;
  /** How far the database's clock is ahead of this machine's, in ms. */
  readonly clockOffsetMs: () => number;
  /** To NATS. */
  readonly publish: (subject: string, payload: string) => unknown;
  readonly onRecorded: (outcomes: readonly AttemptOutcome[]) => void;
  /** It has failed for so long that it is to be disabled. */
  readonly onFailing: (webhookId: string) => Promise<void>;
  /** What has become of a webhook was written down for others to be told. */
  readonly onTold: () => void;
  /** A batch of outcomes is dealt with: there may be room again. */
  readonly onWritten: () => void;
  readonly onError: (what: string, error: unknown) => void;
}

const failingAfterMs = 5 * 86_400_000;
/** Outcomes that wait for the database at most; beyond, nothing more is begun. */
const maxUnrecorded = 20_000;

export class Recorder {
  readonly outcomes: Batcher<AttemptOutcome>;
  readonly moves: Batcher<DeliveryMove>;
  private readonly changes: ChangeTeller;
  private readonly tally: MinuteTally;

  constructor(options: RecorderOptions) {
    const { pool, logger, onError } = options;
    this.changes = new ChangeTeller(options.publish);
    this.tally = new MinuteTally(pool, options.clockOffsetMs, (error) =>
      onError('counters could not be written', error),
    );
    this.outcomes = new Batcher<AttemptOutcome>({
      maxBatch: 500,
      maxAgeMs: 50,
      parallel: 2,
      keyOf: (outcome) => outcome.deliveryId,
      write: outcomeWriter({
        record: (batch) => recordAttempts(pool, batch, failingAfterMs),
        logger,
        onRecorded: (batch) => {
          this.changes.add(batch);
          options.onRecorded(batch);
          for (const outcome of batch) this.tally.add(outcome);
        },
        onFailing: options.onFailing,
        onTold: options.onTold,
        onWritten: options.onWritten,
      }),
      onError: (error, rows) => onError(`${rows} outcomes could not be recorded; trying again`, error),
    });
    this.moves = new Batcher<DeliveryMove>({
      maxBatch: 500,
      maxAgeMs: 20,
      parallel: 1,
      write: async (batch) => {
        await moveDeliveries(pool, batch);
        // Parking changes nothing that anybody sees.
        this.changes.add(batch.filter(({ to }) => to.status !== 'Pending'));
      },
      onError: (error, rows) => onError(`${rows} deliveries could not be moved; trying again`, error),
    });
  }

  /** Outcomes that wait for the database. */
  get pending(): number {
    return this.outcomes.pending;
  }

  get isFailing(): boolean {
    return this.outcomes.isFailing;
  }

  /** Whether nothing more should be begun until what has come of the rest is written. */
  get isFull(): boolean {
    return this.outcomes.isFailing || this.outcomes.pending > maxUnrecorded;
  }

  /** When both batchers are drained: tells and counts what is left. */
  async close(): Promise<void> {
    this.changes.tell();
    await this.tally.close();
  }
}
