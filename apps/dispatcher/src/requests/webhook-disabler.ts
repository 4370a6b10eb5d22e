// Disables webhooks whose receiver is gone (410) or has done nothing but fail for days.
import type { WebhookConfiguration, WebhookNotice } from '@postrider/contracts';
import type { Logger } from '@postrider/runtime';
import type { Pool } from 'pg';
import type { WebhookCopy } from '../webhook-copy.js';
import { beginFailureClockAtResume, cancelPending, disableWebhook } from './change-deliveries.js';

export interface WebhookDisablerOptions {
  readonly pool: Pool;
  readonly webhooks: WebhookCopy;
  /** config-api publishes its configuration anew. */
  readonly tell: (notice: WebhookNotice) => void;
  /** An operational event was written down. */
  readonly onTold: () => void;
  readonly logger: Logger;
}

export class WebhookDisabler {
  constructor(private readonly options: WebhookDisablerOptions) {}

  /** Resolves when it is committed and what is pending is cancelled. */
  async disable(webhook: WebhookConfiguration, reason: 'gone' | 'failing'): Promise<void> {
    const { OrganizationId, Id } = webhook;
    const { pool, webhooks, tell, onTold, logger } = this.options;
    if (!(await disableWebhook(pool, OrganizationId, Id, reason))) return;
    onTold();
    await webhooks.find(OrganizationId, Id);
    const cancelled = await cancelPending(pool, Id);
    tell({ OrganizationId, WebhookId: Id });
    logger.warn({ organizationId: OrganizationId, webhookId: Id, reason, cancelled }, 'webhook.disabled');
  }

  /** Never fails: the next failure of the webhook asks for it again. */
  async disableFailing(webhookId: string): Promise<void> {
    const webhook = this.options.webhooks.get(webhookId);
    if (webhook === undefined || webhook.State !== 'enabled') return;
    try {
      if (await beginFailureClockAtResume(this.options.pool, webhookId)) return;
      await this.disable(webhook, 'failing');
    } catch (error) {
      this.options.logger.error({ error, webhookId }, 'webhook.not.disabled');
    }
  }
}
