import { Inject, Injectable } from '@nestjs/common';
import { counter } from '@postrider/runtime';
import type { Pool } from 'pg';
import { LOGGER, RETENTION_DAYS, RETENTION_POOL, type Logger } from '../tokens.js';

const intervalMs = 3_600_000;
const retryMs = 60_000;
const daysBack = 1;
const daysAhead = 7;

const runs = counter('postrider_retention_runs_total', 'Runs of the retention job, by outcome.', ['outcome']);

/** Hourly: makes the partitions of the days to come, drops those that are past their time, purges what was deleted. */
@Injectable()
export class RetentionJob {
  private timer: NodeJS.Timeout | null = null;
  private running: Promise<void> | null = null;
  private stopped = false;
  /** Of the statement under way. */
  private backendPid: number | null = null;

  constructor(
    @Inject(RETENTION_POOL) private readonly pool: Pool,
    @Inject(RETENTION_DAYS) private readonly retentionDays: number,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  start(): void {
    void this.runAndPlan();
  }

  async stop(): Promise<void> {
    this.stopped = true;
    if (this.timer !== null) clearTimeout(this.timer);
    // Purging may take minutes; what is cancelled is rolled back and done by the next run.
    if (this.backendPid !== null) {
      await this.pool.query('SELECT pg_cancel_backend($1)', [this.backendPid]).catch(() => undefined);
    }
    await this.running?.catch(() => undefined);
  }

  private async runAndPlan(): Promise<void> {
    let nextMs = intervalMs;
    try {
      this.running = this.run();
      await this.running;
      runs.inc({ outcome: 'done' });
    } catch (error) {
      nextMs = retryMs;
      if (!this.stopped) {
        runs.inc({ outcome: 'failed' });
        this.logger.error({ error }, 'retention.failed');
      }
    } finally {
      this.running = null;
    }
    if (this.stopped) return;
    this.timer = setTimeout(() => void this.runAndPlan(), nextMs);
    this.timer.unref();
  }

  /** Each step is a transaction of its own: dropping must not hold locks while rows are deleted. */
  async run(): Promise<void> {
    const made = await this.step<{ n: number }>('SELECT ensure_partitions($1, $2) AS n', [
      daysBack,
      daysAhead,
    ]);
    const dropped = await this.step<{ name: string }>('SELECT drop_expired_partitions($1) AS name', [
      this.retentionDays,
    ]);
    const deleted = await this.step<{ n: number }>('SELECT delete_expired_rows($1) AS n', [
      this.retentionDays,
    ]);
    const replays = await this.step<{ id: string }>(
      `WITH gone AS (
         DELETE FROM replays WHERE finished_at < now_ms() - $1 * 86400000::bigint
           OR organization_id IN (SELECT id FROM organizations WHERE deleted_at < now_ms() - 60000) RETURNING id
       ), listed AS (DELETE FROM replay_deliveries WHERE replay_id IN (SELECT id FROM gone))
       SELECT id FROM gone`,
      [this.retentionDays],
    );
    this.logger.info(
      {
        made: made[0]?.n,
        dropped: dropped.map((row) => row.name),
        deleted: deleted[0]?.n,
        replays: replays.length,
      },
      'retention.done',
    );
  }

  private async step<R extends object>(sql: string, values: readonly unknown[]): Promise<R[]> {
    const client = await this.pool.connect();
    let failure: Error | undefined;
    try {
      await client.query('BEGIN');
      // A drop that waits for a lock makes everybody else wait behind it.
      await client.query("SET LOCAL lock_timeout = '5s'");
      const backend = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
      this.backendPid = backend.rows[0]?.pid ?? null;
      const result = await client.query<R>(sql, [...values]);
      await client.query('COMMIT');
      return result.rows;
    } catch (error) {
      failure = error as Error;
      throw error;
    } finally {
      this.backendPid = null;
      // A client whose statement failed is thrown away with its open transaction.
      client.release(failure);
    }
  }
}
