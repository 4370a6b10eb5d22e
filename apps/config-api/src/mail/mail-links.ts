import { Inject, Injectable } from '@nestjs/common';
import { isMailLinkOf, readMailLink, type MailLink } from '@postrider/contracts';
import { WebhookEntity } from '@postrider/database';
import { systemClock } from '@postrider/runtime';
import { IsNull } from 'typeorm';
import { ConfigurationChanges } from '../configuration-changes.js';
import { changed, ConfigurationTables } from '../configuration-tables.js';
import { MAIL_LINK_KEY } from '../tokens.js';
import { WebhookAftermath } from '../webhooks/webhook-aftermath.js';

export interface FoundLink {
  readonly link: MailLink;
  readonly webhook: WebhookEntity;
}

/** What the reader of an address decides, by the links in their mail. */
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
    const webhook = await this.tables.manager.findOneBy(WebhookEntity, {
      organizationId,
      id,
      type: 'email',
      deletedAt: IsNull(),
    });
    if (webhook === null || !isMailLinkOf(this.key, token, webhook.email ?? '')) return null;
    return { link, webhook };
  }

  /** Once more is fine: it changes nothing. */
  async follow({ link, webhook }: FoundLink): Promise<void> {
    if (link.purpose === 'confirm') await this.confirm(webhook);
    else await this.unsubscribe(webhook);
  }

  /** What has happened since the webhook was made is delivered. */
  private async confirm({ organizationId, id, email }: WebhookEntity): Promise<void> {
    const updated = await this.tables.manager.update(
      WebhookEntity,
      { organizationId, id, email: email ?? '', emailConfirmedAt: IsNull(), deletedAt: IsNull() },
      { emailConfirmedAt: () => 'now_ms()', state: 'enabled', disabledReason: null, ...changed },
    );
    if (updated.affected !== 0) await this.aftermath.ofResumed(organizationId, id, 'deliver');
  }

  /** As a receiver that answers 410: nothing is kept for it any more, until its reader agrees anew. */
  private async unsubscribe({ organizationId, id, email }: WebhookEntity): Promise<void> {
    await this.tables.manager.update(
      WebhookEntity,
      { organizationId, id, email: email ?? '', deletedAt: IsNull() },
      { emailConfirmedAt: null, state: 'disabled', disabledReason: 'gone', ...changed },
    );
    await this.changes.publishWebhook(organizationId, id);
    await this.aftermath.cancelPending(organizationId, id);
  }
}
