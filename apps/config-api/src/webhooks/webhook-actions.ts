import { Inject, Injectable } from '@nestjs/common';
import { ProblemError, type ResumeWebhook, type WebhookState } from '@postrider/contracts';
import { WebhookEntity } from '@postrider/database/entities';
import { askJson, Messaging } from '@postrider/messaging';
import { IsNull, LessThan } from 'typeorm';
import { recordChange } from '../audit-log/record-change.js';
import { ConfigurationChanges } from '../configuration-changes.js';
import { changed, ConfigurationTables } from '../configuration-tables.js';
import { Confirmations } from '../mail/confirmations.js';
import { WebhookAftermath } from './webhook-aftermath.js';
import { webhookChange } from './webhook-change.js';
import { Webhooks } from './webhooks.js';

/** What is done to a webhook other than editing it. Each may be asked for again: it then finishes what was left undone. */
@Injectable()
export class WebhookActions {
  constructor(
    @Inject(ConfigurationTables) private readonly tables: ConfigurationTables,
    @Inject(Webhooks) private readonly webhooks: Webhooks,
    @Inject(WebhookAftermath) private readonly aftermath: WebhookAftermath,
    @Inject(ConfigurationChanges) private readonly changes: ConfigurationChanges,
    @Inject(Messaging) private readonly messaging: Messaging,
    @Inject(Confirmations) private readonly confirmations: Confirmations,
  ) {}

  async pause(organizationId: string, id: string): Promise<WebhookEntity> {
    await this.setState(organizationId, id, 'paused');
    await this.aftermath.ofPaused(organizationId, id);
    return this.webhooks.find(organizationId, id);
  }

  async resume(organizationId: string, id: string, held: ResumeWebhook['Held']): Promise<WebhookEntity> {
    requireConsent(await this.webhooks.find(organizationId, id));
    if (held === 'discard') {
      // First, as long as the webhook is paused: nothing would hold them back afterwards.
      await this.aftermath.discardHeld(organizationId, id);
    }
    await this.setState(organizationId, id, 'enabled');
    // Once more with `discard`: what was held in between.
    await this.aftermath.ofResumed(organizationId, id, held);
    return this.webhooks.find(organizationId, id);
  }

  async sendConfirmation(organizationId: string, id: string): Promise<WebhookEntity> {
    const webhook = await this.webhooks.find(organizationId, id);
    if (webhook.type !== 'email' || webhook.emailConfirmedAt !== null) {
      throw new ProblemError('conflict', 'there is nobody to be asked: only the reader of a new address is');
    }
    await this.confirmations.send(organizationId, id);
    return webhook;
  }

  private async setState(organizationId: string, id: string, state: WebhookState): Promise<void> {
    await this.tables.manager.transaction(async (manager) => {
      const where = { organizationId, id, deletedAt: IsNull() };
      const before = await manager.findOne(WebhookEntity, { where, lock: { mode: 'pessimistic_write' } });
      if (before === null) throw new ProblemError('not_found', 'no such webhook');
      if (before.state === state) return;
      // The failure clock starts anew with the change itself: a dispatcher may be away now, and not at the next failure.
      const resumed = state === 'enabled' ? { resumedAt: () => 'now_ms()' } : {};
      await manager.update(WebhookEntity, where, { state, disabledReason: null, ...resumed, ...changed });
      const after = await manager.findOneByOrFail(WebhookEntity, where);
      const action = state === 'paused' ? 'webhook.paused' : 'webhook.resumed';
      await recordChange(manager, webhookChange(action, before, after));
    });
  }

  /** The secret is told by the answer, this once. */
  async rotateSecret(
    organizationId: string,
    id: string,
    graceSeconds: number,
  ): Promise<{ readonly webhook: WebhookEntity; readonly signingSecret: string }> {
    const { type } = await this.webhooks.find(organizationId, id);
    if (type !== 'webhook') {
      throw new ProblemError(
        'conflict',
        `a webhook of Type ${type} has no signing secret: it is not signed for`,
      );
    }
    const secret = await askJson(this.messaging, 'rotateSecret', {
      OrganizationId: organizationId,
      WebhookId: id,
      GraceSeconds: graceSeconds,
    });
    const where = { organizationId, id, deletedAt: IsNull() };
    // Two rotations at a time may come here in the other order: the newer secret's dates stay. Should this fail, the
    // signer signs with the new secret all the same, since it reads its own table; the caller rotates once more.
    const webhook = await this.tables.manager.transaction(async (manager) => {
      const before = await manager.findOne(WebhookEntity, { where, lock: { mode: 'pessimistic_write' } });
      if (before === null) throw new ProblemError('not_found', 'the webhook was deleted meanwhile');
      await manager.update(
        WebhookEntity,
        { ...where, secretVersion: LessThan(secret.SecretVersion) },
        {
          secretVersion: secret.SecretVersion,
          secretCreatedAt: secret.SecretCreatedAt,
          previousSecretExpiresAt: secret.PreviousSecretExpiresAt,
          ...changed,
        },
      );
      const after = await manager.findOneByOrFail(WebhookEntity, where);
      await recordChange(manager, webhookChange('webhook.secret_rotated', before, after));
      return after;
    });
    await this.changes.publishWebhook(organizationId, id);
    return { webhook, signingSecret: secret.SigningSecret };
  }
}

/** Nobody but its reader can say that mail may go to an address. */
function requireConsent({ type, emailConfirmedAt }: WebhookEntity): void {
  if (type !== 'email' || emailConfirmedAt !== null) return;
  throw new ProblemError(
    'conflict',
    'the reader of the address has not agreed yet: they have a mail with a link (send-confirmation sends another)',
  );
}
