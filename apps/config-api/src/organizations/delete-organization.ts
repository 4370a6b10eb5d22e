import { Inject, Injectable } from '@nestjs/common';
import { noticeSubjects, ProblemError, type ApiKeyNotice } from '@postrider/contracts';
import { ApiKeyEntity, OrganizationEntity, WebhookEntity } from '@postrider/database/entities';
import { Messaging } from '@postrider/messaging';
import { IsNull } from 'typeorm';
import { recordChange } from '../audit-log/record-change.js';
import { ConfigurationChanges } from '../configuration-changes.js';
import { changed, ConfigurationTables } from '../configuration-tables.js';
import { WebhookAftermath } from '../webhooks/webhook-aftermath.js';
import { organizationChange } from './organization-change.js';
import { toOrganizationEntry } from './to-organization-response.js';

interface Deleted {
  readonly organization: OrganizationEntity;
  readonly webhookIds: readonly string[];
  readonly keyIds: readonly string[];
}

/**
 * "A deleted organization takes everything along": it, its webhooks and keys are gone with one commit; its log, events
 * and secrets are purged in SQL a little later (packages/database, purge_organization).
 */
@Injectable()
export class DeleteOrganization {
  constructor(
    @Inject(ConfigurationTables) private readonly tables: ConfigurationTables,
    @Inject(ConfigurationChanges) private readonly changes: ConfigurationChanges,
    @Inject(WebhookAftermath) private readonly aftermath: WebhookAftermath,
    @Inject(Messaging) private readonly messaging: Messaging,
  ) {}

  async run(id: string): Promise<void> {
    const { organization, webhookIds, keyIds } = await this.commit(id);
    await this.changes.publish(toOrganizationEntry(organization));
    for (const keyId of keyIds) {
      this.messaging.publish(
        noticeSubjects.apiKeyChanged,
        JSON.stringify({ Id: keyId } satisfies ApiKeyNotice),
      );
    }
    await this.aftermath.ofDeletedOrganization(id, webhookIds);
  }

  private commit(id: string): Promise<Deleted> {
    const deletion = { ...changed, deletedAt: () => 'now_ms()' };
    return this.tables.manager.transaction(async (manager) => {
      const updated = await manager.update(OrganizationEntity, { id, deletedAt: IsNull() }, deletion);
      if (updated.affected === 0) throw new ProblemError('not_found', 'no such organization');
      const organization = await manager.findOneByOrFail(OrganizationEntity, { id });
      const keys = await manager.find(ApiKeyEntity, { select: { id: true }, where: { organizationId: id } });
      await recordChange(manager, organizationChange('organization.deleted', organization, null));
      await manager.delete(ApiKeyEntity, { organizationId: id });
      const living = { organizationId: id, deletedAt: IsNull() };
      const webhooks = await manager.find(WebhookEntity, { select: { id: true }, where: living });
      await manager.update(WebhookEntity, living, deletion);
      return {
        organization,
        webhookIds: webhooks.map((webhook) => webhook.id),
        keyIds: keys.map((key) => key.id),
      };
    });
  }
}
