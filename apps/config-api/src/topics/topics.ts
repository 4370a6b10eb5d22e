import { Inject, Injectable } from '@nestjs/common';
import {
  ProblemError,
  RESERVED_TOPIC_PREFIX,
  TopicName,
  type ListQuery,
  type Topic,
  type TopicCreate,
  type TopicPatch,
} from '@postrider/contracts';
import { TopicEntity } from '@postrider/database/entities';
import { IsNull, MoreThan, type EntityManager, type QueryDeepPartialEntity } from 'typeorm';
import { z } from 'zod';
import { recordChange } from '../audit-log/record-change.js';
import { ConfigurationChanges } from '../configuration-changes.js';
import { changed, ConfigurationTables, databaseNow } from '../configuration-tables.js';
import { decodeCursor, encodeCursor, toPage, type Page } from '../http/cursor.js';
import { topicChange } from './topic-change.js';
import { judgeTopicSchema } from './judge-topic-schema.js';
import { toTopicEntry, toTopicResponse } from './to-topic-response.js';

/** TypeORM's types take no JSON of unknown shape for a column. */
type Columns = QueryDeepPartialEntity<TopicEntity>;

@Injectable()
export class Topics {
  constructor(
    @Inject(ConfigurationTables) private readonly tables: ConfigurationTables,
    @Inject(ConfigurationChanges) private readonly changes: ConfigurationChanges,
  ) {}

  /** By name; the catalog is read by people. */
  async list({ Limit, Cursor }: ListQuery): Promise<Page<Topic>> {
    const position = decodeCursor('topics', Cursor, z.tuple([TopicName]));
    const rows = await this.tables.manager.find(TopicEntity, {
      where: { deletedAt: IsNull(), ...(position === null ? {} : { name: MoreThan(position[0]) }) },
      order: { name: 'ASC' },
      take: Limit + 1,
    });
    return toPage(rows, Limit, (row) => encodeCursor('topics', [row.name]), toTopicResponse);
  }

  async read(name: string): Promise<Topic> {
    return toTopicResponse(await findTopic(this.tables.manager, name));
  }

  async create(wanted: TopicCreate): Promise<Topic> {
    if (wanted.Name.startsWith(RESERVED_TOPIC_PREFIX)) {
      const detail = `must not begin with ${RESERVED_TOPIC_PREFIX}: such topics are Postrider's own`;
      throw new ProblemError('reserved_topic', `/Name ${detail}`, [{ pointer: '/Name', detail }]);
    }
    judgeTopicSchema(wanted.EnforceSchema, wanted.Schema, wanted.Example);
    const topic = await this.tables.manager.transaction(async (manager) => {
      const now = await databaseNow(manager);
      const fields: Columns = {
        title: wanted.Title,
        description: wanted.Description,
        example: wanted.Example as Columns['example'],
        schema: wanted.Schema as Columns['schema'],
        enforceSchema: wanted.EnforceSchema,
        deprecated: wanted.Deprecated,
        createdAt: now,
        updatedAt: now,
        deletedAt: null,
        version: changed.version,
      };
      const inserted = await manager
        .createQueryBuilder()
        .insert()
        .into(TopicEntity)
        .values({ name: wanted.Name, ...fields })
        .orIgnore()
        .returning('name')
        .execute();
      if ((inserted.raw as unknown[]).length === 0) await this.revive(manager, wanted.Name, fields);
      const created = await manager.findOneByOrFail(TopicEntity, { name: wanted.Name });
      await recordChange(manager, topicChange('topic.created', null, created));
      return created;
    });
    await this.changes.publish(toTopicEntry(topic));
    return toTopicResponse(topic);
  }

  /** A deleted topic's row is still there, for the version: it becomes the new topic. */
  private async revive(manager: EntityManager, name: string, fields: Columns): Promise<void> {
    const revived = await manager
      .createQueryBuilder()
      .update(TopicEntity)
      .set(fields)
      .where('name = :name AND deleted_at IS NOT NULL', { name })
      .execute();
    if (revived.affected === 0) {
      const detail = 'is in the catalog already: change it with PATCH';
      throw new ProblemError('already_exists', `/Name ${detail}`, [{ pointer: '/Name', detail }]);
    }
  }

  async change(name: string, patch: TopicPatch): Promise<Topic> {
    const topic = await this.tables.manager.transaction(async (manager) => {
      const before = await findTopic(manager, name, true);
      if (Object.keys(patch).length === 0) return before;
      judgeTopicSchema(
        patch.EnforceSchema ?? before.enforceSchema,
        patch.Schema === undefined ? before.schema : patch.Schema,
        patch.Example === undefined ? before.example : patch.Example,
      );
      const fields: Columns = {
        ...(patch.Title === undefined ? {} : { title: patch.Title }),
        ...(patch.Description === undefined ? {} : { description: patch.Description }),
        ...(patch.Example === undefined ? {} : { example: patch.Example as Columns['example'] }),
        ...(patch.Schema === undefined ? {} : { schema: patch.Schema as Columns['schema'] }),
        ...(patch.EnforceSchema === undefined ? {} : { enforceSchema: patch.EnforceSchema }),
        ...(patch.Deprecated === undefined ? {} : { deprecated: patch.Deprecated }),
        ...changed,
      };
      await manager.update(TopicEntity, { name }, fields);
      const after = await findTopic(manager, name);
      await recordChange(manager, topicChange('topic.changed', before, after));
      return after;
    });
    await this.changes.publish(toTopicEntry(topic));
    return toTopicResponse(topic);
  }

  async delete(name: string): Promise<void> {
    if (name.startsWith(RESERVED_TOPIC_PREFIX)) {
      throw new ProblemError(
        'reserved_topic',
        `topics below ${RESERVED_TOPIC_PREFIX} are what Postrider itself sends: they can't be deleted`,
        [{ parameter: 'name', detail: "is Postrider's own" }],
      );
    }
    const topic = await this.tables.manager.transaction(async (manager) => {
      const before = await findTopic(manager, name, true);
      await recordChange(manager, topicChange('topic.deleted', before, null));
      await manager.update(TopicEntity, { name }, { ...changed, deletedAt: () => 'now_ms()' });
      return manager.findOneByOrFail(TopicEntity, { name });
    });
    await this.changes.publish(toTopicEntry(topic));
  }
}

async function findTopic(manager: EntityManager, name: string, forUpdate = false): Promise<TopicEntity> {
  const topic = await manager.findOne(TopicEntity, {
    where: { name, deletedAt: IsNull() },
    ...(forUpdate ? { lock: { mode: 'pessimistic_write' } } : {}),
  });
  if (topic === null) throw new ProblemError('not_found', 'no such topic');
  return topic;
}
