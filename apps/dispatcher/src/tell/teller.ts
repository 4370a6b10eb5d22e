// Tells the organization's other webhooks what has become of one: hands what was written down to event-ingest, which
// accepts it as an event, and forgets it once that is committed.
import { ProblemError, type ServiceReply, type ServiceRequest } from '@postrider/contracts';
import type { Pool } from 'pg';
import { Rounds } from '../rounds.js';
import {
  deleteOperationalEvents,
  maxTaken,
  takeOperationalEvents,
  type OperationalEventRow,
} from './take-operational-events.js';

export interface TellerOptions {
  readonly pool: Pool;
  /** Asks event-ingest; `not_found`: the webhook or its organization is deleted. */
  readonly ask: (request: ServiceRequest<'operationalEvent'>) => Promise<ServiceReply<'operationalEvent'>>;
  readonly onError: (error: unknown) => void;
}

const idleMs = 2_000;

export class Teller {
  private readonly rounds = new Rounds(() => this.roundAndRest());

  constructor(private readonly options: TellerOptions) {}

  start(): void {
    this.rounds.start();
  }

  /** Something was written down. */
  wake(): void {
    this.rounds.wake();
  }

  stop(): Promise<void> {
    return this.rounds.stop();
  }

  private async roundAndRest(): Promise<number> {
    try {
      return (await this.round()) === maxTaken ? 0 : idleMs;
    } catch (error) {
      this.options.onError(error);
      return idleMs;
    }
  }

  /** Tells what is due; what can't be told now is due again after its lease. Answers how many were taken. */
  async round(): Promise<number> {
    const rows = await takeOperationalEvents(this.options.pool);
    const told = await Promise.all(rows.map((row) => this.tell(row)));
    const done = rows.filter((_, at) => told[at] === true).map(({ id }) => id);
    if (done.length > 0) await deleteOperationalEvents(this.options.pool, done);
    return rows.length;
  }

  private async tell(row: OperationalEventRow): Promise<boolean> {
    try {
      await this.options.ask({
        OrganizationId: row.organization_id,
        WebhookId: row.webhook_id,
        EventId: row.id,
        Topic: row.topic,
        CreatedAt: row.created_at,
        Reason: row.reason,
        ConsecutiveFailures: row.consecutive_failures,
        FailingSince: row.failing_since,
      });
      return true;
    } catch (error) {
      if (error instanceof ProblemError && error.code === 'not_found') return true;
      this.options.onError(error);
      return false;
    }
  }
}
