// Accepted means committed: what this says was accepted is in PostgreSQL.
import type { EventSource } from '@postrider/contracts';
import type { Pool } from 'pg';
import type { AcceptOutcome, IncomingEvent, PlannedEvent } from '../shared/event.js';
import { commitEvents, commitTogether, type Commit } from './commit-events.js';
import { insertRejectedEvents, type RejectedEventRow } from './insert-rejected-events.js';
import { firstOfEachId, judgeRepeats } from './judge-repeats.js';
import { eventKey, loadFirstEvents } from './load-first-events.js';

/** For how long a failed commit is news: with traffic another one follows, without it nothing is known any more. */
const failureIsNewsMs = 10_000;

export class EventStore {
  private failed: { readonly atMs: number; readonly reason: string } | null = null;

  /** `commitPool` is for commits alone, so that a look-up never waits behind them. */
  constructor(
    private readonly commitPool: Pool,
    private readonly pool: Pool,
  ) {}

  /**
   * Commits what is new and answers what became of each event, in order. `onCommit` hears of what was committed at
   * once. Events that go together are committed all or none: none when one of the outcomes is `reused`.
   * Throws where PostgreSQL is away: then nothing may be told as accepted, and all may come again.
   */
  async commit(
    planned: readonly PlannedEvent[],
    { source, together }: { readonly source: EventSource; readonly together: boolean },
    onCommit: (commit: Commit) => void,
  ): Promise<AcceptOutcome[]> {
    try {
      const outcomes = together
        ? await this.commitTogether(planned, source, onCommit)
        : await this.commitEach(planned, source, onCommit);
      this.failed = null;
      return outcomes;
    } catch (error) {
      this.failed = {
        atMs: performance.now(),
        reason: error instanceof Error ? error.message : String(error),
      };
      throw error;
    }
  }

  /**
   * Why the last commit failed, in the last 10 s; null where it did not, or one has worked since. A database whose disk is
   * full answers what only reads.
   */
  get trouble(): string | null {
    if (this.failed === null || performance.now() - this.failed.atMs > failureIsNewsMs) return null;
    return this.failed.reason;
  }

  private async commitEach(
    planned: readonly PlannedEvent[],
    source: EventSource,
    onCommit: (commit: Commit) => void,
  ): Promise<AcceptOutcome[]> {
    const fresh = new Set<PlannedEvent>();
    const refusals = await commitEvents(this.commitPool, firstOfEachId(planned), source, (commit) => {
      for (const plan of commit.fresh) fresh.add(plan);
      onCommit(commit);
    });
    if (refusals.length === 0) return judgeRepeats(planned, fresh, this.loadFirst);
    const refused = new Map(
      refusals.map(({ planned: { event }, error }) => [eventKey(event), error.message]),
    );
    const rest = planned.filter(({ event }) => !refused.has(eventKey(event)));
    const outcomes = (await judgeRepeats(rest, fresh, this.loadFirst)).values();
    return planned.map(({ event }): AcceptOutcome => {
      const reason = refused.get(eventKey(event));
      return reason === undefined ? (outcomes.next().value as AcceptOutcome) : { kind: 'refused', reason };
    });
  }

  private async commitTogether(
    planned: readonly PlannedEvent[],
    source: EventSource,
    onCommit: (commit: Commit) => void,
  ): Promise<AcceptOutcome[]> {
    let outcomes: AcceptOutcome[] = [];
    const commits = await commitTogether(this.commitPool, firstOfEachId(planned), source, async (written) => {
      const fresh = new Set(written.flatMap((commit) => commit.fresh));
      outcomes = await judgeRepeats(planned, fresh, this.loadFirst);
      return outcomes.every(({ kind }) => kind !== 'reused');
    });
    for (const commit of commits ?? []) onCommit(commit);
    return outcomes;
  }

  /** Keeps what came over NATS and could not be accepted. */
  async keepRejected(rows: readonly RejectedEventRow[]): Promise<void> {
    await insertRejectedEvents(this.pool, rows);
  }

  private readonly loadFirst = (events: readonly IncomingEvent[]) => loadFirstEvents(this.pool, events);
}
