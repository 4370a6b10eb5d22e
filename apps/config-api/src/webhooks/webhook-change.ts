import type { AuditAction } from '@postrider/contracts';
import type { WebhookEntity } from '@postrider/database/entities';
import type { ConfigurationChange } from '../audit-log/record-change.js';
import { toWebhookResponse } from './to-webhook-response.js';

/** A change of a webhook for the audit log; `replaced`: the Authorization value, which itself stands nowhere. */
export function webhookChange(
  action: AuditAction,
  before: WebhookEntity | null,
  after: WebhookEntity | null,
  replaced = false,
): ConfigurationChange {
  const webhook = after ?? before;
  if (webhook === null) throw new Error('a change is of something');
  return {
    organizationId: webhook.organizationId,
    action,
    resource: { type: 'webhook', id: webhook.id },
    before: before === null ? null : toFields(before),
    after: after === null ? null : { ...toFields(after), ...(replaced ? { Authorization: 'replaced' } : {}) },
  };
}

/** Without its health, which is nobody's change. */
function toFields(entity: WebhookEntity): Record<string, unknown> {
  const { LastSucceededAt: _, LastFailedAt: __, ...fields } = toWebhookResponse(entity, undefined);
  return fields;
}
