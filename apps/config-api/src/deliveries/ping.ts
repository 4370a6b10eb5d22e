import { Inject, Injectable } from '@nestjs/common';
import { ProblemError, type DeliveryWithAttempts } from '@postrider/contracts';
import { askJson, Messaging } from '@postrider/messaging';
import { systemClock } from '@postrider/runtime';
import { Pool } from 'pg';
import { Deliveries } from './deliveries.js';
import { findDelivery } from './find-delivery.js';

/** Most receivers answer within a second or two: till then every 20 ms, which costs a lookup by primary key. */
const quickPollMs = 20;
const quickForMs = 2_000;
const slowPollMs = 100;
/** What the pipeline may take besides the attempt itself: a lease's margin. */
const pipelineMs = 10_000;

export interface PingAnswer {
  readonly finished: boolean;
  readonly delivery: DeliveryWithAttempts;
}

@Injectable()
export class Ping {
  private stopped = false;

  constructor(
    @Inject(Pool) private readonly pool: Pool,
    @Inject(Messaging) private readonly messaging: Messaging,
    @Inject(Deliveries) private readonly deliveries: Deliveries,
  ) {}

  /** From now on nobody waits: pings are answered as they stand, so that the service can end. */
  stop(): void {
    this.stopped = true;
  }

  /** Sends a ping; with `wait` stays until its attempt is recorded, or as long as one may take. */
  async run(
    organizationId: string,
    webhookId: string,
    wait: boolean,
    caller: AbortSignal,
  ): Promise<PingAnswer> {
    const timeoutSeconds = await this.timeoutOf(organizationId, webhookId);
    const { DeliveryId: id } = await askJson(this.messaging, 'ping', {
      OrganizationId: organizationId,
      WebhookId: webhookId,
    });
    const finished =
      wait && (await this.untilDone(organizationId, id, timeoutSeconds * 1_000 + pipelineMs, caller));
    return { finished, delivery: await this.deliveries.read(organizationId, id) };
  }

  private async untilDone(
    organizationId: string,
    deliveryId: string,
    limitMs: number,
    caller: AbortSignal,
  ): Promise<boolean> {
    const startedAt = systemClock.now();
    for (;;) {
      const delivery = await findDelivery(this.pool, organizationId, deliveryId);
      if (delivery !== null && delivery.status !== 'Pending') return true;
      const waitedMs = systemClock.now() - startedAt;
      // Nobody waits for the answer of a caller that has gone.
      if (waitedMs >= limitMs || caller.aborted || this.stopped) return false;
      const pauseMs = waitedMs < quickForMs ? quickPollMs : slowPollMs;
      await new Promise<void>((resolve) => systemClock.after(pauseMs, resolve));
    }
  }

  /** Seconds; throws `not_found` where there is no such webhook. */
  private async timeoutOf(organizationId: string, webhookId: string): Promise<number> {
    const result = await this.pool.query<{ timeout_seconds: number }>(
      `SELECT timeout_seconds FROM webhooks WHERE organization_id = $1 AND id = $2 AND deleted_at IS NULL`,
      [organizationId, webhookId],
    );
    const [webhook] = result.rows;
    if (webhook === undefined) throw new ProblemError('not_found', 'no such webhook');
    return webhook.timeout_seconds;
  }
}
