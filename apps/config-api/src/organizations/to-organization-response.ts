import type { ConfigurationEntry, Organization } from '@postrider/contracts';
import type { OrganizationEntity } from '@postrider/database/entities';

export function toOrganizationResponse(entity: OrganizationEntity): Organization {
  return { Id: entity.id, Name: entity.name, CreatedAt: entity.createdAt, UpdatedAt: entity.updatedAt };
}

export function toOrganizationEntry(entity: OrganizationEntity): ConfigurationEntry {
  return {
    kind: 'organization',
    value: { Id: entity.id, Deleted: entity.deletedAt !== null, Version: entity.version },
  };
}
