import { Inject, Injectable } from '@nestjs/common';
import {
  maxReplayTotal,
  maxRunningReplays,
  ProblemError,
  type Replay,
  type ReplayCreate,
  type WebhookState,
} from '@postrider/contracts';
import { Pool } from 'pg';
import { recordChange } from '../audit-log/record-change.js';
import { ConfigurationTables } from '../configuration-tables.js';
import { countReplay, createReplay } from './create-replay.js';
import { findReplay } from './read-replays.js';

/** Writes down what is to be sent again; the dispatchers find it there, and send it at its rate. */
@Injectable()
export class Replays {
  constructor(
    @Inject(Pool) private readonly pool: Pool,
    @Inject(ConfigurationTables) private readonly tables: ConfigurationTables,
  ) {}

  /** How many deliveries it would have. Throws `not_found` for another organization's webhook. */
  async preview(organizationId: string, wanted: ReplayCreate): Promise<number> {
    await this.judge(organizationId, wanted);
    const total = await countReplay(this.pool, organizationId, wanted);
    requireFew(total);
    return total;
  }

  async create(organizationId: string, wanted: ReplayCreate): Promise<Replay> {
    await this.judge(organizationId, wanted);
    await this.requireFewRunning(organizationId);
    const id = await this.tables.manager.transaction(async (manager) => {
      const made = await createReplay(manager, organizationId, wanted);
      requireFew(made.total);
      const { DryRun: _, ...after } = wanted;
      const resource = { type: 'replay', id: made.id };
      const change = { organizationId, action: 'replay.created', resource, before: null } as const;
      await recordChange(manager, { ...change, after: { ...after, Total: made.total } });
      return made.id;
    });
    return this.read(organizationId, id);
  }

  async read(organizationId: string, id: string): Promise<Replay> {
    const replay = await findReplay(this.pool, organizationId, id);
    if (replay === null) throw new ProblemError('not_found', 'no such replay');
    return replay;
  }

  /** What is under way is still sent and counted, and nothing after it. One that is done stays as it is. */
  async cancel(organizationId: string, id: string): Promise<void> {
    const isCancelled = await this.tables.manager.transaction(async (manager) => {
      const rows = await manager.query<{ id: string }[]>(
        `WITH cancelled AS (
           UPDATE replays SET cancelled_at = now_ms()
           WHERE organization_id = $1 AND id = $2 AND cancelled_at IS NULL AND finished_at IS NULL RETURNING id
         ) SELECT id FROM cancelled`,
        [organizationId, id],
      );
      if (rows.length === 0) return false;
      const resource = { type: 'replay', id };
      const states = { before: { State: 'Running' }, after: { State: 'Cancelled' } };
      await recordChange(manager, { organizationId, action: 'replay.cancelled', resource, ...states });
      return true;
    });
    if (!isCancelled) await this.read(organizationId, id);
  }

  private async judge(organizationId: string, { WebhookId, From, To }: ReplayCreate): Promise<void> {
    if (From > To) {
      const detail = 'must not be later than To';
      throw new ProblemError('invalid_fields', `/From ${detail}`, [{ pointer: '/From', detail }]);
    }
    if (WebhookId === null) return;
    const result = await this.pool.query<{ state: WebhookState }>(
      'SELECT state FROM webhooks WHERE organization_id = $1 AND id = $2 AND deleted_at IS NULL',
      [organizationId, WebhookId],
    );
    const [webhook] = result.rows;
    if (webhook === undefined) {
      throw new ProblemError('not_found', 'no such webhook', [
        { pointer: '/WebhookId', detail: 'names no webhook of this organization' },
      ]);
    }
    if (webhook.state === 'disabled') {
      const detail = 'is disabled: resume it first';
      throw new ProblemError('conflict', `the webhook ${detail}`, [{ pointer: '/WebhookId', detail }]);
    }
  }

  /** Index: replays_page. Two that are created in the same moment may both pass: it is there to keep the load in bounds. */
  private async requireFewRunning(organizationId: string): Promise<void> {
    const result = await this.pool.query<{ running: number }>(
      `SELECT count(*)::int AS running FROM replays WHERE organization_id = $1 AND finished_at IS NULL`,
      [organizationId],
    );
    if ((result.rows[0]?.running ?? 0) < maxRunningReplays) return;
    throw new ProblemError(
      'conflict',
      `${maxRunningReplays} replays of this organization are running: wait for one to end, or cancel one`,
    );
  }
}

function requireFew(total: number): void {
  if (total <= maxReplayTotal) return;
  const detail = `takes in more than ${maxReplayTotal} deliveries: choose a shorter range, or a webhook, status or topic`;
  throw new ProblemError('invalid_fields', `the range ${detail}`, [
    { pointer: '/From', detail },
    { pointer: '/To', detail },
  ]);
}
