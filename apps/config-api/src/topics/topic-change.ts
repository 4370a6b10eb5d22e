import type { AuditAction } from '@postrider/contracts';
import type { TopicEntity } from '@postrider/database/entities';
import type { ConfigurationChange } from '../audit-log/record-change.js';
import { toTopicResponse } from './to-topic-response.js';

/** A change of the catalog for the audit log: the installation's. */
export function topicChange(
  action: AuditAction,
  before: TopicEntity | null,
  after: TopicEntity | null,
): ConfigurationChange {
  return {
    organizationId: null,
    action,
    resource: { type: 'topic', id: (after ?? before)?.name ?? '' },
    before: before === null ? null : toTopicResponse(before),
    after: after === null ? null : toTopicResponse(after),
  };
}
