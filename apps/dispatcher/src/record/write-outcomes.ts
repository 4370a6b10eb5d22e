// One batch of outcomes: written, and told to whoever waits for it.
import { failPoint, type Logger } from '@postrider/runtime';
import { measure } from '../telemetry.js';
import type { AttemptOutcome } from './outcome.js';
import type { RecordResult } from './record-attempts.js';
import { recordEach } from './record-each.js';

export interface OutcomeWriterOptions {
  readonly record: (batch: readonly AttemptOutcome[]) => Promise<RecordResult>;
  readonly logger: Logger;
  readonly onRecorded: (batch: readonly AttemptOutcome[]) => void;
  /** A webhook that has had nothing but failures for too long. */
  readonly onFailing: (webhookId: string) => Promise<void>;
  /** Something has become of a webhook that its organization is told. */
  readonly onTold: () => void;
  readonly onWritten: () => void;
}

export function outcomeWriter(
  options: OutcomeWriterOptions,
): (batch: readonly AttemptOutcome[]) => Promise<void> {
  const { record, logger, onRecorded, onFailing, onTold, onWritten } = options;
  const onRefused = ({ deliveryId, attemptId }: AttemptOutcome, error: unknown, isLost: boolean): void => {
    const detail = isLost ? 'not recorded: it comes again' : 'recorded without the answer';
    logger.error({ error, deliveryId, attemptId, detail }, 'outcome.refused');
  };
  return async (batch) => {
    const startedMs = performance.now();
    failPoint('record.before-commit');
    const { moved, failing, told } = await recordEach(batch, { record, onRefused });
    failPoint('record.after-commit');
    measure.recorded(batch.length, startedMs);
    if (moved < batch.length) logger.warn({ rows: batch.length, moved }, 'leases.lost');
    onRecorded(batch);
    if (told > 0) onTold();
    for (const webhookId of failing) await onFailing(webhookId);
    onWritten();
  };
}
