import { Inject, Injectable } from '@nestjs/common';
import { isMailLinkOf, readMailLink, type AuditAction, type MailLink } from '@postrider/contracts';
import { withinOrganization } from '@postrider/database';
import { WebhookEntity } from '@postrider/database/entities';
import { systemClock } from '@postrider/runtime';
import { IsNull, type FindOptionsWhere } from 'typeorm';
import { recordChange, type ChangeActor } from '../audit-log/record-change.js';
import { ConfigurationChanges } from '../configuration-changes.js';
import { changed, ConfigurationTables } from '../configuration-tables.js';
import { MAIL_LINK_KEY } from '../tokens.js';
import { WebhookAftermath } from '../webhooks/webhook-aftermath.js';
import { webhookChange } from '../webhooks/webhook-change.js';

export interface FoundLink {
  readonly link: MailLink;
  readonly webhook: WebhookEntity;
}

interface Consent {
  readonly emailConfirmedAt: null | (() => string);
  readonly state: 'enabled' | 'disabled';
  readonly disabledReason: 'gone' | null;
}

const mailReader: ChangeActor = { type: 'MailReader', id: null };

/**
 * What the reader of an address decides, by the links in their mail. There is no caller whose organization would say which
 * rows may be seen: it is the link's, and its signature is checked before anything of it is shown or changed.
 */
@Injectable()
export class MailLinks {
  constructor(
    @Inject(ConfigurationTables) private readonly tables: ConfigurationTables,
    @Inject(ConfigurationChanges) private readonly changes: ConfigurationChanges,
    @Inject(WebhookAftermath) private readonly aftermath: WebhookAftermath,
    @Inject(MAIL_LINK_KEY) private readonly key: string | null,
  ) {}

  /** Null where the link is none of ours, has expired, or is of an address that the webhook has no more. */
  async find(token: string): Promise<FoundLink | null> {
    const link = readMailLink(token);
    if (link === null || this.key === null) return null;
    if (link.expiresAt !== null && link.expiresAt < systemClock.now()) return null;
    const { organizationId, webhookId: id } = link;
    const webhook = await withinOrganization(organizationId, () =>
      this.tables.manager.findOneBy(WebhookEntity, {
        organizationId,
        id,
        type: 'email',
        deletedAt: IsNull(),
      }),
    );
    if (webhook === null || !isMailLinkOf(this.key, token, webhook.email ?? '')) return null;
    return { link, webhook };
  }

  /** Once more is fine: it changes nothing. */
  async follow({ link, webhook }: FoundLink): Promise<void> {
    await withinOrganization(link.organizationId, () =>
      link.purpose === 'confirm' ? this.confirm(webhook) : this.unsubscribe(webhook),
    );
  }

  /** What has happened since the webhook was made is delivered. */
  private async confirm(webhook: WebhookEntity): Promise<void> {
    const { organizationId, id } = webhook;
    const isConfirmed = await this.change(
      'webhook.confirmed',
      { ...whereOf(webhook), emailConfirmedAt: IsNull() },
      { emailConfirmedAt: () => 'now_ms()', state: 'enabled', disabledReason: null },
    );
    if (isConfirmed) await this.aftermath.ofResumed(organizationId, id, 'deliver');
  }

  /** As a receiver that answers 410: nothing is kept for it any more, until its reader agrees anew. */
  private async unsubscribe(webhook: WebhookEntity): Promise<void> {
    const { organizationId, id } = webhook;
    await this.change('webhook.unsubscribed', whereOf(webhook), {
      emailConfirmedAt: null,
      state: 'disabled',
      disabledReason: 'gone',
    });
    await this.changes.publishWebhook(organizationId, id);
    await this.aftermath.cancelPending(organizationId, id);
  }

  /** Answers whether there was something to change. */
  private change(
    action: AuditAction,
    where: FindOptionsWhere<WebhookEntity>,
    values: Consent,
  ): Promise<boolean> {
    return this.tables.manager.transaction(async (manager) => {
      const before = await manager.findOne(WebhookEntity, { where, lock: { mode: 'pessimistic_write' } });
      if (before === null) return false;
      const { organizationId, id } = before;
      await manager.update(WebhookEntity, { organizationId, id }, { ...values, ...changed });
      const after = await manager.findOneByOrFail(WebhookEntity, { organizationId, id });
      await recordChange(manager, webhookChange(action, before, after), mailReader);
      return true;
    });
  }
}

/** While the address is still the reader's. */
function whereOf({ organizationId, id, email }: WebhookEntity): FindOptionsWhere<WebhookEntity> {
  return { organizationId, id, email: email ?? '', deletedAt: IsNull() };
}
