// Commits planned events: in statements of a size that PostgreSQL likes, and so that one event that it refuses does not
// take its neighbours along.
import type { EventSource } from '@postrider/contracts';
import type { Pool, PoolClient } from 'pg';
import type { PlannedEvent } from '../shared/event.js';
import { inLockOrder, insertEvents } from './insert-events.js';

/** One statement's worth: what it wrote, and the time that it decided by. */
export interface Commit {
  readonly fresh: readonly PlannedEvent[];
  readonly nowMs: number;
}

export interface Refusal {
  readonly planned: PlannedEvent;
  readonly error: Error;
}

/** With a fan-out of hundreds a batch of 200 events would be one statement of many seconds. */
const maxDeliveriesPerStatement = 10_000;
const maxBytesPerStatement = 16 * 1024 * 1024;

/**
 * Commits each event whose Id is new; `onCommit` hears of every statement as soon as it is done. No two events may have
 * the same Id. Throws where PostgreSQL is away or broken: then what `onCommit` has not heard of may still be committed,
 * and is a duplicate when it comes again.
 */
export async function commitEvents(
  pool: Pool,
  planned: readonly PlannedEvent[],
  source: EventSource,
  onCommit: (commit: Commit) => void,
): Promise<Refusal[]> {
  const refusals: Refusal[] = [];
  for (const statement of inStatements(planned)) {
    refusals.push(...(await commitStatement(pool, statement, source, onCommit)));
  }
  return refusals;
}

async function commitStatement(
  pool: Pool,
  planned: readonly PlannedEvent[],
  source: EventSource,
  onCommit: (commit: Commit) => void,
): Promise<Refusal[]> {
  try {
    onCommit(await insertFresh(pool, planned, source));
    return [];
  } catch (error) {
    if (!isRefusal(error)) throw error;
    const [first] = planned;
    if (first !== undefined && planned.length === 1) return [{ planned: first, error }];
    // Halving finds the one event among its neighbours in a few statements.
    const middle = planned.length >>> 1;
    const left = await commitStatement(pool, planned.slice(0, middle), source, onCommit);
    return [...left, ...(await commitStatement(pool, planned.slice(middle), source, onCommit))];
  }
}

/** SQLSTATE classes "data exception" and "program limit exceeded": the values are at fault, and trying again is no use. */
function isRefusal(error: unknown): error is Error {
  if (!(error instanceof Error)) return false;
  const code = (error as { code?: unknown }).code;
  return typeof code === 'string' && /^(22|54)/.test(code);
}

/**
 * Commits all events or none: none when `agree` says no to what would be written. No two may have the same Id.
 * Answers null when none was committed.
 */
export async function commitTogether(
  pool: Pool,
  planned: readonly PlannedEvent[],
  source: EventSource,
  agree: (commits: readonly Commit[]) => Promise<boolean>,
): Promise<Commit[] | null> {
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    await client.query('BEGIN');
    const commits: Commit[] = [];
    for (const statement of inStatements(planned)) commits.push(await insertFresh(client, statement, source));
    const agreed = await agree(commits);
    await client.query(agreed ? 'COMMIT' : 'ROLLBACK');
    return agreed ? commits : null;
  } catch (error) {
    broken = error instanceof Error ? error : new Error(String(error));
    throw error;
  } finally {
    // A connection with an open transaction must not go back into the pool.
    client.release(broken);
  }
}

async function insertFresh(
  connection: Pool | PoolClient,
  planned: readonly PlannedEvent[],
  source: EventSource,
): Promise<Commit> {
  const { nowMs, known } = await insertEvents(connection, planned, source);
  return { nowMs, fresh: known.size === 0 ? planned : planned.filter(({ uid }) => !known.has(uid)) };
}

function* inStatements(events: readonly PlannedEvent[]): Generator<readonly PlannedEvent[]> {
  const planned = inLockOrder(events);
  let start = 0;
  let deliveries = 0;
  let bytes = 0;
  for (const [index, plan] of planned.entries()) {
    deliveries += plan.deliveries.length;
    bytes += plan.text.length;
    if (index > start && (deliveries > maxDeliveriesPerStatement || bytes > maxBytesPerStatement)) {
      yield planned.slice(start, index);
      start = index;
      deliveries = plan.deliveries.length;
      bytes = plan.text.length;
    }
  }
  if (start < planned.length) yield start === 0 ? planned : planned.slice(start);
}
