import { Inject, Injectable } from '@nestjs/common';
import { ProblemError, type DeliveryWithAttempts } from '@postrider/contracts';
import { askJson, Messaging } from '@postrider/messaging';
import { systemClock } from '@postrider/runtime';
import { Pool } from 'pg';
import { Deliveries } from './deliveries.js';
import { findDelivery } from './find-delivery.js';
import { findExample } from './find-example.js';

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

export interface Waiting {
  readonly wait: boolean;
  /** Aborted when nobody waits for the answer any more. */
  readonly caller: AbortSignal;
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
  ping(organizationId: string, webhookId: string, waiting: Waiting): Promise<PingAnswer> {
    const ids = { OrganizationId: organizationId, WebhookId: webhookId };
    return this.run(ids, waiting, () => askJson(this.messaging, 'ping', ids));
  }

  /** Sends the example of a topic in the same way. */
  async sendExample(
    organizationId: string,
    webhookId: string,
    topic: string,
    waiting: Waiting,
  ): Promise<PingAnswer> {
    const ids = { OrganizationId: organizationId, WebhookId: webhookId };
    return this.run(ids, waiting, async () => {
      const data = await findExample(this.pool, topic);
      return askJson(this.messaging, 'sendExample', { ...ids, Topic: topic, Data: data });
    });
  }

  private async run(
    { OrganizationId, WebhookId }: { readonly OrganizationId: string; readonly WebhookId: string },
    { wait, caller }: Waiting,
    send: () => Promise<{ readonly DeliveryId: string }>,
  ): Promise<PingAnswer> {
    const timeoutSeconds = await this.timeoutOf(OrganizationId, WebhookId);
    const { DeliveryId: id } = await send();
    const finished =
      wait && (await this.untilDone(OrganizationId, id, timeoutSeconds * 1_000 + pipelineMs, caller));
    return { finished, delivery: await this.deliveries.read(OrganizationId, id) };
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
