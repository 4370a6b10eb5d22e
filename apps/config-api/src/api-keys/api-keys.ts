import { randomBytes } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import {
  noticeSubjects,
  ProblemError,
  type ApiKey,
  type ApiKeyCreate,
  type ApiKeyCreated,
  type ApiKeyNotice,
  type ListQuery,
} from '@postrider/contracts';
import { hashApiKey, newId } from '@postrider/database';
import { ApiKeyEntity } from '@postrider/database/entities';
import { Messaging } from '@postrider/messaging';
import type { Caller } from '@postrider/runtime';
import { LessThan } from 'typeorm';
import { z } from 'zod';
import { recordChange } from '../audit-log/record-change.js';
import { ConfigurationTables, databaseNow } from '../configuration-tables.js';
import { decodeCursor, encodeCursor, toPage, type Page } from '../http/cursor.js';
import { refuseForeignScopes } from '../http/foreign-scopes.js';
import { lockOrganization } from '../organizations/lock-organization.js';
import { apiKeyChange } from './api-key-change.js';
import { toApiKeyResponse } from './to-api-key-response.js';

const keyBytes = 32;
/** What of a key is shown later: enough to tell two apart (7 characters, 42 of its 256 bits), useless to a thief. */
const shownCharacters = 10;

@Injectable()
export class ApiKeys {
  constructor(
    @Inject(ConfigurationTables) private readonly tables: ConfigurationTables,
    @Inject(Messaging) private readonly messaging: Messaging,
  ) {}

  /** The answer is the only place where the key itself ever stands. */
  async create(organizationId: string, wanted: ApiKeyCreate, caller: Caller): Promise<ApiKeyCreated> {
    refuseForeignScopes(wanted.Scopes, caller, 'an API key');
    const key = `pr_${randomBytes(keyBytes).toString('base64url')}`;
    const created = await this.tables.manager.transaction(async (manager) => {
      await lockOrganization(manager, organizationId);
      const now = await databaseNow(manager);
      if (wanted.ExpiresAt !== null && wanted.ExpiresAt <= now) {
        const detail = 'must lie in the future (milliseconds since 1970)';
        throw new ProblemError('invalid_fields', `/ExpiresAt ${detail}`, [{ pointer: '/ExpiresAt', detail }]);
      }
      const entity = manager.create(ApiKeyEntity, {
        id: newId(),
        organizationId,
        name: wanted.Name,
        scopes: wanted.Scopes,
        prefix: key.slice(0, shownCharacters),
        hash: hashApiKey(key),
        createdAt: now,
        expiresAt: wanted.ExpiresAt,
        lastUsedAt: null,
      });
      await manager.insert(ApiKeyEntity, entity);
      await recordChange(manager, apiKeyChange('api_key.created', null, entity));
      return entity;
    });
    return { ...toApiKeyResponse(created), Key: key };
  }

  async list(organizationId: string, { Limit, Cursor }: ListQuery): Promise<Page<ApiKey>> {
    const position = decodeCursor('api-keys', Cursor, z.tuple([z.uuid()]));
    const rows = await this.tables.manager.find(ApiKeyEntity, {
      where: { organizationId, ...(position === null ? {} : { id: LessThan(position[0]) }) },
      order: { id: 'DESC' },
      take: Limit + 1,
    });
    return toPage(rows, Limit, (row) => encodeCursor('api-keys', [row.id]), toApiKeyResponse);
  }

  async delete(organizationId: string, id: string): Promise<void> {
    await this.tables.manager.transaction(async (manager) => {
      const key = await manager.findOne(ApiKeyEntity, {
        where: { organizationId, id },
        lock: { mode: 'pessimistic_write' },
      });
      if (key === null) throw new ProblemError('not_found', 'no such API key');
      // First: a key that deletes itself is still there to be named.
      await recordChange(manager, apiKeyChange('api_key.deleted', key, null));
      await manager.delete(ApiKeyEntity, { organizationId, id });
    });
    // Services that remember keys for a moment forget this one now; who misses it forgets it with that moment.
    this.messaging.publish(noticeSubjects.apiKeyChanged, JSON.stringify({ Id: id } satisfies ApiKeyNotice));
  }
}
