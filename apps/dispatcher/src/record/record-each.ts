// One outcome that PostgreSQL refuses must not hold up its neighbours, nor be tried for ever: halving finds it, and it is
// recorded without what its receiver sent.
import type { AttemptOutcome } from './outcome.js';
import type { RecordResult } from './record-attempts.js';

export interface RecordEachOptions {
  readonly record: (batch: readonly AttemptOutcome[]) => Promise<RecordResult>;
  /** Recorded without the answer, or (`isLost`) not at all: then the lease brings the delivery back. */
  readonly onRefused: (outcome: AttemptOutcome, error: unknown, isLost: boolean) => void;
}

export async function recordEach(
  batch: readonly AttemptOutcome[],
  options: RecordEachOptions,
): Promise<RecordResult> {
  try {
    return await options.record(batch);
  } catch (error) {
    if (!isRefusal(error)) throw error;
    const [first] = batch;
    if (first !== undefined && batch.length === 1) return recordBare(first, error, options);
    const middle = batch.length >>> 1;
    const left = await recordEach(batch.slice(0, middle), options);
    const right = await recordEach(batch.slice(middle), options);
    return {
      moved: left.moved + right.moved,
      failing: [...left.failing, ...right.failing],
      told: left.told + right.told,
    };
  }
}

async function recordBare(
  outcome: AttemptOutcome,
  refusal: unknown,
  { record, onRefused }: RecordEachOptions,
): Promise<RecordResult> {
  try {
    const bare = {
      ...outcome,
      responseHeaders: outcome.responseHeaders === null ? null : '{}',
      responseBody: outcome.responseBody === null ? null : Buffer.alloc(0),
      responseTruncated: outcome.responseTruncated === null ? null : true,
      errorMessage: outcome.errorMessage === null ? null : 'what the receiver sent could not be stored',
    };
    const result = await record([bare]);
    onRefused(outcome, refusal, false);
    return result;
  } catch (error) {
    if (!isRefusal(error)) throw error;
    onRefused(outcome, error, true);
    return { moved: 0, failing: [], told: 0 };
  }
}

/** SQLSTATE classes "data exception" and "program limit exceeded": the values are at fault, trying again is no use. */
function isRefusal(error: unknown): boolean {
  const code = typeof error === 'object' && error !== null ? (error as { code?: unknown }).code : undefined;
  return typeof code === 'string' && /^(22|54)/.test(code);
}
