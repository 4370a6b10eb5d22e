import type { AuditAction } from '@postrider/contracts';
import type { OrganizationEntity } from '@postrider/database/entities';
import type { ConfigurationChange } from '../audit-log/record-change.js';
import { toOrganizationResponse } from './to-organization-response.js';

/** A change of an organization for the audit log: the installation's, so that its deletion stays on record. */
export function organizationChange(
  action: AuditAction,
  before: OrganizationEntity | null,
  after: OrganizationEntity | null,
): ConfigurationChange {
  return {
    organizationId: null,
    action,
    resource: { type: 'organization', id: (after ?? before)?.id ?? '' },
    before: before === null ? null : toOrganizationResponse(before),
    after: after === null ? null : toOrganizationResponse(after),
  };
}
