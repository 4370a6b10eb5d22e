import { Inject, Injectable } from '@nestjs/common';
import { Pool } from 'pg';
import { LOGGER, type Logger } from '../tokens.js';
import { inParallel, WebhookAftermath } from './webhook-aftermath.js';

const intervalMs = 30_000;
const atMost = 100;

interface WebhookRow {
  readonly organization_id: string;
  readonly id: string;
}

/**
 * Finishes what a change of state left undone because a service was away, or because an event-ingest that had not heard
 * of the change yet held one more delivery. Only what no claim of the dispatcher would come across.
 */
@Injectable()
export class AftermathSweep {
  private timer: NodeJS.Timeout | null = null;
  private running: Promise<void> | null = null;
  private stopped = false;

  constructor(
    @Inject(Pool) private readonly pool: Pool,
    @Inject(WebhookAftermath) private readonly aftermath: WebhookAftermath,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  start(): void {
    this.timer = setInterval(() => void this.run(), intervalMs);
    this.timer.unref();
  }

  async stop(): Promise<void> {
    this.stopped = true;
    if (this.timer !== null) clearInterval(this.timer);
    await this.running;
  }

  /** Never fails, and never runs twice at a time. */
  run(): Promise<void> {
    this.running ??= this.sweep()
      .catch((error: unknown) => this.logger.warn({ error }, 'aftermath.sweep.failed'))
      .finally(() => {
        this.running = null;
      });
    return this.running;
  }

  private async sweep(): Promise<void> {
    await inParallel(await this.withLeftSecrets(), async (row) => {
      if (!this.stopped) await this.aftermath.deleteSecrets(row.organization_id, row.id);
    });
    await inParallel(await this.withLeftHeld(), async (row) => {
      if (this.stopped) return;
      if (row.is_enabled) await this.aftermath.releaseHeld(row.organization_id, row.id, 'deliver');
      else await this.aftermath.cancelPending(row.organization_id, row.id);
    });
  }

  private async withLeftSecrets(): Promise<WebhookRow[]> {
    const result = await this.pool.query<WebhookRow>(
      `SELECT organization_id, id FROM webhooks
       WHERE deleted_at < now_ms() - 10000 AND secret_created_at IS NOT NULL LIMIT ${atMost}`,
    );
    return result.rows;
  }

  /** Held deliveries of webhooks that hold none any more; index: deliveries_held, which has those alone. */
  private async withLeftHeld(): Promise<(WebhookRow & { readonly is_enabled: boolean })[]> {
    const result = await this.pool.query<WebhookRow & { is_enabled: boolean }>(
      `SELECT organization_id, id, state = 'enabled' AND deleted_at IS NULL AS is_enabled FROM webhooks
       WHERE id IN (SELECT DISTINCT webhook_id FROM deliveries WHERE status = 'Held')
         AND (state <> 'paused' OR deleted_at IS NOT NULL) AND updated_at < now_ms() - 10000 LIMIT ${atMost}`,
    );
    return result.rows;
  }
}
