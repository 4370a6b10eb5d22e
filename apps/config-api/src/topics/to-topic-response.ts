import type { ConfigurationEntry, Topic } from '@postrider/contracts';
import type { TopicEntity } from '@postrider/database/entities';

export function toTopicResponse(entity: TopicEntity): Topic {
  return {
    Name: entity.name,
    Title: entity.title,
    Description: entity.description,
    Example: entity.example,
    Schema: entity.schema,
    EnforceSchema: entity.enforceSchema,
    Deprecated: entity.deprecated,
    CreatedAt: entity.createdAt,
    UpdatedAt: entity.updatedAt,
  };
}

export function toTopicEntry(entity: TopicEntity): ConfigurationEntry {
  return {
    kind: 'topic',
    value: {
      Name: entity.name,
      Schema: entity.schema,
      EnforceSchema: entity.enforceSchema,
      Deleted: entity.deletedAt !== null,
      Version: entity.version,
    },
  };
}
