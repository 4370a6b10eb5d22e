import type { ApiKey } from '@postrider/contracts';
import type { ApiKeyEntity } from '@postrider/database/entities';

export function toApiKeyResponse(entity: ApiKeyEntity): ApiKey {
  return {
    Id: entity.id,
    Name: entity.name,
    Scopes: entity.scopes,
    Prefix: entity.prefix,
    CreatedAt: entity.createdAt,
    ExpiresAt: entity.expiresAt,
    LastUsedAt: entity.lastUsedAt,
  };
}
