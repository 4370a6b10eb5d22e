import { Inject, Injectable } from '@nestjs/common';
import {
  defaultTimeoutSeconds,
  ProblemError,
  type ListQuery,
  type SecretState,
  type Webhook,
  type WebhookCreate,
  type WebhookPatch,
} from '@postrider/contracts';
import { newId } from '@postrider/database';
import { TopicEntity, WebhookEntity } from '@postrider/database/entities';
import { askJson, Messaging } from '@postrider/messaging';
import { Pool } from 'pg';
import { IsNull, LessThan } from 'typeorm';
import { z } from 'zod';
import { recordChange } from '../audit-log/record-change.js';
import { ConfigurationChanges } from '../configuration-changes.js';
import { changed, ConfigurationTables, databaseNow } from '../configuration-tables.js';
import { decodeCursor, encodeCursor, toPage, type Page } from '../http/cursor.js';
import { requireMatch } from '../http/etag.js';
import { Confirmations } from '../mail/confirmations.js';
import { lockOrganization } from '../organizations/lock-organization.js';
import { EGRESS_RULES, LOGGER, MAIL_LINK_KEY, type EgressRules, type Logger } from '../tokens.js';
import { judgeWebhook } from './judge-webhook.js';
import { readHealth } from './read-health.js';
import { toWebhookResponse } from './to-webhook-response.js';
import { WebhookAftermath } from './webhook-aftermath.js';
import { webhookChange } from './webhook-change.js';
import { requireRoom, WEBHOOK_LIMITS, type WebhookLimits } from './webhook-limits.js';

type KeptSecret = { readonly [K in keyof SecretState]: SecretState[K] | null } & {
  readonly SecretVersion: number;
};
/** Messages to people are not signed. */
const noSecret: KeptSecret = { SecretVersion: 0, SecretCreatedAt: null, PreviousSecretExpiresAt: null };

@Injectable()
export class Webhooks {
  constructor(
    @Inject(ConfigurationTables) private readonly tables: ConfigurationTables,
    @Inject(Pool) private readonly pool: Pool,
    @Inject(Messaging) private readonly messaging: Messaging,
    @Inject(ConfigurationChanges) private readonly changes: ConfigurationChanges,
    @Inject(WebhookAftermath) private readonly aftermath: WebhookAftermath,
    @Inject(Confirmations) private readonly confirmations: Confirmations,
    @Inject(EGRESS_RULES) private readonly egress: EgressRules,
    @Inject(WEBHOOK_LIMITS) private readonly limits: WebhookLimits,
    @Inject(MAIL_LINK_KEY) private readonly mailLinkKey: string | null,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  private get sendsMail(): boolean {
    return this.mailLinkKey !== null;
  }

  /** The signer makes the secret before there is a row: a webhook that is signed for never exists without one. */
  async create(
    organizationId: string,
    wanted: WebhookCreate,
  ): Promise<{ readonly webhook: WebhookEntity; readonly signingSecret: string | null }> {
    const { url } = judgeWebhook(wanted, null, await this.knownTopics(), this.egress, this.sendsMail);
    const id = newId();
    if (wanted.Type !== 'webhook') {
      const webhook = await this.insert(organizationId, id, wanted, url ?? null, noSecret);
      await this.changes.publishWebhook(organizationId, id);
      if (webhook.type === 'email') await this.askReader(webhook);
      return { webhook, signingSecret: null };
    }
    const ids = { OrganizationId: organizationId, WebhookId: id };
    const secret = await askJson(this.messaging, 'createSecret', {
      ...ids,
      Authorization: wanted.Authorization,
    });
    try {
      const webhook = await this.insert(organizationId, id, wanted, url ?? null, secret);
      await this.changes.publishWebhook(organizationId, id);
      return { webhook, signingSecret: secret.SigningSecret };
    } catch (error) {
      await askJson(this.messaging, 'deleteSecrets', ids).catch((failure: unknown) =>
        this.logger.warn({ error: failure, webhookId: id }, 'secrets.left.behind'),
      );
      throw error;
    }
  }

  /** A webhook whose reader could not be asked is of no use: it goes again. */
  private async askReader({ organizationId, id }: WebhookEntity): Promise<void> {
    try {
      await this.confirmations.send(organizationId, id);
    } catch (error) {
      await this.delete(organizationId, id, undefined);
      throw error;
    }
  }

  private insert(
    organizationId: string,
    id: string,
    wanted: WebhookCreate,
    url: string | null,
    secret: KeptSecret,
  ): Promise<WebhookEntity> {
    return this.tables.manager.transaction(async (manager) => {
      await lockOrganization(manager, organizationId);
      await requireRoom(manager, this.limits, organizationId, id, url);
      const now = await databaseNow(manager);
      await manager.insert(WebhookEntity, {
        id,
        organizationId,
        alias: wanted.Alias,
        type: wanted.Type,
        url,
        email: wanted.Email ?? null,
        emailConfirmedAt: null,
        hasAuthorization: wanted.Authorization !== null,
        topics: wanted.Topics,
        filter: wanted.Filter,
        // Until its reader has agreed: what happens meanwhile waits.
        state: wanted.Type === 'email' ? 'paused' : 'enabled',
        disabledReason: null,
        timeoutSeconds: wanted.TimeoutSeconds,
        retrySchedule: wanted.RetrySchedule,
        rateLimitPerSecond: wanted.RateLimitPerSecond,
        secretVersion: secret.SecretVersion,
        secretCreatedAt: secret.SecretCreatedAt,
        previousSecretExpiresAt: secret.PreviousSecretExpiresAt,
        createdAt: now,
        updatedAt: now,
        deletedAt: null,
        version: changed.version,
      });
      const created = await manager.findOneByOrFail(WebhookEntity, { organizationId, id });
      await recordChange(manager, webhookChange('webhook.created', null, created));
      return created;
    });
  }

  /** Throws `not_found` for one that is deleted or another organization's. */
  async find(organizationId: string, id: string): Promise<WebhookEntity> {
    const webhook = await this.tables.manager.findOneBy(WebhookEntity, {
      organizationId,
      id,
      deletedAt: IsNull(),
    });
    if (webhook === null) throw new ProblemError('not_found', 'no such webhook');
    return webhook;
  }

  async toResponse(webhook: WebhookEntity): Promise<Webhook> {
    const health = await readHealth(this.pool, webhook.organizationId, [webhook.id]);
    return toWebhookResponse(webhook, health.get(webhook.id));
  }

  async list(organizationId: string, { Limit, Cursor }: ListQuery): Promise<Page<Webhook>> {
    const position = decodeCursor('webhooks', Cursor, z.tuple([z.uuid()]));
    const rows = await this.tables.manager.find(WebhookEntity, {
      where: {
        organizationId,
        deletedAt: IsNull(),
        ...(position === null ? {} : { id: LessThan(position[0]) }),
      },
      order: { id: 'DESC' },
      take: Limit + 1,
    });
    const health = await readHealth(
      this.pool,
      organizationId,
      rows.map((row) => row.id),
    );
    return toPage(
      rows,
      Limit,
      (row) => encodeCursor('webhooks', [row.id]),
      (row) => toWebhookResponse(row, health.get(row.id)),
    );
  }

  async change(
    organizationId: string,
    id: string,
    patch: WebhookPatch,
    ifMatch: string | undefined,
  ): Promise<WebhookEntity> {
    const webhook = await this.find(organizationId, id);
    requireMatch(ifMatch, webhook.version);
    const { url } = judgeWebhook(patch, webhook.type, await this.knownTopics(), this.egress, this.sendsMail);
    if (Object.keys(patch).length === 0) return webhook;
    if (patch.Email !== undefined && patch.Email !== webhook.email)
      this.confirmations.count(organizationId, id);
    const patched = await this.tables.manager.transaction(async (manager) => {
      const where = { organizationId, id, deletedAt: IsNull() };
      const before = await manager.findOne(WebhookEntity, { where, lock: { mode: 'pessimistic_write' } });
      if (before === null) throw new ProblemError('not_found', 'no such webhook');
      requireMatch(ifMatch, before.version);
      if (url !== undefined) await requireRoom(manager, this.limits, organizationId, id, url);
      await manager.update(WebhookEntity, where, {
        ...toColumns(patch, url),
        ...(patch.Email === undefined || patch.Email === before.email ? {} : newReader(patch.Email)),
        ...changed,
      });
      // Inside the transaction: a signer that is away leaves the webhook as it was. Nobody else waits for this row but
      // another change of the same webhook.
      if (patch.Authorization !== undefined && before.type === 'webhook') {
        const ids = { OrganizationId: organizationId, WebhookId: id };
        await askJson(this.messaging, 'setAuthorization', { ...ids, Authorization: patch.Authorization });
      }
      const after = await manager.findOneByOrFail(WebhookEntity, where);
      const replaced = patch.Authorization !== undefined && before.hasAuthorization && after.hasAuthorization;
      await recordChange(manager, webhookChange('webhook.changed', before, after, replaced));
      return after;
    });
    await this.changes.publishWebhook(organizationId, id);
    if (patched.email !== webhook.email) await this.confirmations.ask(organizationId, id);
    return patched;
  }

  async delete(organizationId: string, id: string, ifMatch: string | undefined): Promise<void> {
    await this.tables.manager.transaction(async (manager) => {
      const where = { organizationId, id, deletedAt: IsNull() };
      const webhook = await manager.findOne(WebhookEntity, { where, lock: { mode: 'pessimistic_write' } });
      if (webhook === null) throw new ProblemError('not_found', 'no such webhook');
      requireMatch(ifMatch, webhook.version);
      await manager.update(WebhookEntity, where, { ...changed, deletedAt: () => 'now_ms()' });
      await recordChange(manager, webhookChange('webhook.deleted', webhook, null));
    });
    await this.aftermath.ofDeleted(organizationId, id);
  }

  private async knownTopics(): Promise<string[]> {
    const topics = await this.tables.manager.find(TopicEntity, {
      select: { name: true },
      where: { deletedAt: IsNull() },
    });
    return topics.map((topic) => topic.name);
  }
}

/** Another address is another reader, who has not agreed to anything. */
function newReader(email: string): Partial<WebhookEntity> {
  return { email, emailConfirmedAt: null, state: 'paused', disabledReason: null };
}

/** The columns that a merge patch sets; what null unsets falls back to its default. */
function toColumns(patch: WebhookPatch, url: string | undefined): Partial<WebhookEntity> {
  return {
    ...(patch.Alias === undefined ? {} : { alias: patch.Alias }),
    ...(url === undefined ? {} : { url }),
    ...(patch.Authorization === undefined ? {} : { hasAuthorization: patch.Authorization !== null }),
    ...(patch.Topics === undefined ? {} : { topics: patch.Topics }),
    ...(patch.Filter === undefined ? {} : { filter: patch.Filter }),
    ...(patch.TimeoutSeconds === undefined
      ? {}
      : { timeoutSeconds: patch.TimeoutSeconds ?? defaultTimeoutSeconds }),
    ...(patch.RetrySchedule === undefined ? {} : { retrySchedule: patch.RetrySchedule }),
    ...(patch.RateLimitPerSecond === undefined ? {} : { rateLimitPerSecond: patch.RateLimitPerSecond }),
  };
}
