import { Inject, Injectable } from '@nestjs/common';
import type { ResumeWebhook, ServiceRequest } from '@postrider/contracts';
import { askJson, Messaging } from '@postrider/messaging';
import { Pool } from 'pg';
import { ConfigurationChanges } from '../configuration-changes.js';
import { LOGGER, type Logger } from '../tokens.js';

const askTimeoutMs = 2_000;
/** Many thousand deliveries may have to be changed. */
const discardTimeoutMs = 15_000;
/** An answer to the caller does not wait longer for what is only made quicker by being done now. */
const organizationLimitMs = 3_000;
const parallel = 16;

/**
 * What follows in other services from a webhook's change of state, once PostgreSQL has it. None of it undoes the change
 * when a service is away: the dispatcher looks at a webhook's state whenever it claims a delivery, and what no claim
 * would find (held deliveries, secrets) is asked for again by AftermathSweep.
 */
@Injectable()
export class WebhookAftermath {
  constructor(
    @Inject(ConfigurationChanges) private readonly changes: ConfigurationChanges,
    @Inject(Messaging) private readonly messaging: Messaging,
    @Inject(Pool) private readonly pool: Pool,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  async ofPaused(organizationId: string, id: string): Promise<void> {
    await this.changes.publishWebhook(organizationId, id);
    await this.tryAsking('holdPending', { OrganizationId: organizationId, WebhookId: id });
  }

  /** While the webhook is still paused. Throws `unavailable` when no dispatcher could be asked: later they'd be delivered. */
  async discardHeld(organizationId: string, id: string): Promise<void> {
    const request = { OrganizationId: organizationId, WebhookId: id, Held: 'discard' } as const;
    await askJson(this.messaging, 'releaseHeld', request, discardTimeoutMs);
  }

  async ofResumed(organizationId: string, id: string, held: ResumeWebhook['Held']): Promise<void> {
    await this.changes.publishWebhook(organizationId, id);
    await this.releaseHeld(organizationId, id, held);
  }

  async releaseHeld(organizationId: string, id: string, held: ResumeWebhook['Held']): Promise<void> {
    await this.tryAsking('releaseHeld', { OrganizationId: organizationId, WebhookId: id, Held: held });
  }

  async ofDeleted(organizationId: string, id: string): Promise<void> {
    await this.changes.publishWebhook(organizationId, id);
    await Promise.all([this.cancelPending(organizationId, id), this.deleteSecrets(organizationId, id)]);
  }

  async cancelPending(organizationId: string, id: string): Promise<void> {
    await this.tryAsking('cancelPending', { OrganizationId: organizationId, WebhookId: id });
  }

  /** Goes on in the background where there are many webhooks. */
  async ofDeletedOrganization(organizationId: string, ids: readonly string[]): Promise<void> {
    const all = Promise.all([
      this.deleteSecrets(organizationId, null),
      inParallel(ids, async (id) => {
        await this.changes.publishWebhook(organizationId, id);
        await this.cancelPending(organizationId, id);
      }),
    ]);
    let timer: NodeJS.Timeout | undefined;
    const limit = new Promise((resolve) => {
      timer = setTimeout(resolve, organizationLimitMs);
    });
    await Promise.race([all, limit]);
    clearTimeout(timer);
  }

  /** `id` null: of all webhooks of the organization. The row keeps the secret's date until it is gone. */
  async deleteSecrets(organizationId: string, id: string | null): Promise<void> {
    const done = await this.tryAsking('deleteSecrets', { OrganizationId: organizationId, WebhookId: id });
    if (!done) return;
    await this.pool
      .query(
        `UPDATE webhooks SET secret_created_at = NULL
         WHERE organization_id = $1 AND ($2::uuid IS NULL OR id = $2) AND deleted_at IS NOT NULL`,
        [organizationId, id],
      )
      .catch((error: unknown) =>
        this.logger.warn({ error, organizationId, webhookId: id }, 'secrets.deletion.unnoted'),
      );
  }

  private async tryAsking<N extends 'holdPending' | 'releaseHeld' | 'cancelPending' | 'deleteSecrets'>(
    name: N,
    request: ServiceRequest<N>,
  ): Promise<boolean> {
    try {
      await askJson(this.messaging, name, request, askTimeoutMs);
      return true;
    } catch (error) {
      this.logger.warn({ error, request: name, ids: request }, 'service.not.asked');
      return false;
    }
  }
}

export async function inParallel<T>(items: readonly T[], run: (item: T) => Promise<void>): Promise<void> {
  const queue = [...items];
  const worker = async () => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) await run(item);
  };
  await Promise.all(Array.from({ length: Math.min(parallel, items.length) }, worker));
}
