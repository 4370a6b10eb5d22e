import { Inject, Injectable } from '@nestjs/common';
import {
  ProblemError,
  type ListQuery,
  type Organization,
  type OrganizationCreate,
  type OrganizationPatch,
} from '@postrider/contracts';
import { newId } from '@postrider/database';
import { OrganizationEntity } from '@postrider/database/entities';
import { IsNull } from 'typeorm';
import { z } from 'zod';
import { recordChange } from '../audit-log/record-change.js';
import { ConfigurationChanges } from '../configuration-changes.js';
import { changed, ConfigurationTables, databaseNow } from '../configuration-tables.js';
import { decodeCursor, encodeCursor, toPage, type Page } from '../http/cursor.js';
import { organizationChange } from './organization-change.js';
import { toOrganizationEntry, toOrganizationResponse } from './to-organization-response.js';

const Position = z.tuple([z.int(), z.uuid()]);

@Injectable()
export class Organizations {
  constructor(
    @Inject(ConfigurationTables) private readonly tables: ConfigurationTables,
    @Inject(ConfigurationChanges) private readonly changes: ConfigurationChanges,
  ) {}

  async create({ Id, Name }: OrganizationCreate): Promise<OrganizationEntity> {
    const id = Id ?? newId();
    const organization = await this.tables.manager.transaction(async (manager) => {
      const now = await databaseNow(manager);
      const inserted = await manager
        .createQueryBuilder()
        .insert()
        .into(OrganizationEntity)
        .values({ id, name: Name, createdAt: now, updatedAt: now, version: changed.version })
        .orIgnore()
        .returning('id')
        .execute();
      if ((inserted.raw as unknown[]).length === 0) {
        throw new ProblemError('already_exists', `the Id ${id} is in use: choose another, or leave it out`, [
          {
            pointer: '/Id',
            detail: 'is in use, or belonged to an organization that was deleted a short time ago',
          },
        ]);
      }
      const created = await manager.findOneByOrFail(OrganizationEntity, { id });
      await recordChange(manager, organizationChange('organization.created', null, created));
      return created;
    });
    await this.changes.publish(toOrganizationEntry(organization));
    return organization;
  }

  async read(id: string): Promise<OrganizationEntity> {
    const organization = await this.tables.manager.findOneBy(OrganizationEntity, { id, deletedAt: IsNull() });
    if (organization === null) throw new ProblemError('not_found', 'no such organization');
    return organization;
  }

  /** Newest first; by Id where several were made in the same millisecond, since an Id may be the caller's own. */
  async list({ Limit, Cursor }: ListQuery): Promise<Page<Organization>> {
    const position = decodeCursor('organizations', Cursor, Position);
    const select = this.tables.manager
      .createQueryBuilder(OrganizationEntity, 'o')
      .where('o.deleted_at IS NULL')
      .orderBy('o.created_at', 'DESC')
      .addOrderBy('o.id', 'DESC')
      .limit(Limit + 1);
    if (position !== null) {
      select.andWhere('(o.created_at, o.id) < (:createdAt, :id)', {
        createdAt: position[0],
        id: position[1],
      });
    }
    return toPage(
      await select.getMany(),
      Limit,
      (row) => encodeCursor('organizations', [row.createdAt, row.id]),
      toOrganizationResponse,
    );
  }

  async change(id: string, { Name }: OrganizationPatch): Promise<OrganizationEntity> {
    if (Name === undefined) return this.read(id);
    const organization = await this.tables.manager.transaction(async (manager) => {
      const where = { id, deletedAt: IsNull() };
      const before = await manager.findOne(OrganizationEntity, {
        where,
        lock: { mode: 'pessimistic_write' },
      });
      if (before === null) throw new ProblemError('not_found', 'no such organization');
      await manager.update(OrganizationEntity, where, { name: Name, ...changed });
      const after = await manager.findOneByOrFail(OrganizationEntity, where);
      await recordChange(manager, organizationChange('organization.changed', before, after));
      return after;
    });
    await this.changes.publish(toOrganizationEntry(organization));
    return organization;
  }
}
