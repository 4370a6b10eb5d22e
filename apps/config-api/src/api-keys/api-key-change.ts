import type { AuditAction } from '@postrider/contracts';
import type { ApiKeyEntity } from '@postrider/database/entities';
import type { ConfigurationChange } from '../audit-log/record-change.js';
import { toApiKeyResponse } from './to-api-key-response.js';

/** A change of a key for the audit log; of the key itself its prefix alone. */
export function apiKeyChange(
  action: AuditAction,
  before: ApiKeyEntity | null,
  after: ApiKeyEntity | null,
): ConfigurationChange {
  const key = after ?? before;
  if (key === null) throw new Error('a change is of something');
  return {
    organizationId: key.organizationId,
    action,
    resource: { type: 'api_key', id: key.id },
    before: before === null ? null : toApiKeyResponse(before),
    after: after === null ? null : toApiKeyResponse(after),
  };
}
