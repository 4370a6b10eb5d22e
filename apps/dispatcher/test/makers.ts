// Webhooks, events and tasks as tests need them: everything said that a test does not care about.
import type { WebhookConfiguration } from '@postrider/contracts';
import { newId } from '@postrider/database';
import type { AttemptOutcome } from '../src/record/outcome.js';
import type { AdmittedTask, DeliveryTask } from '../src/task.js';

export const organizationId = '0190a000-0000-7000-8000-000000000001';

export function makeWebhook(changes: Partial<WebhookConfiguration> = {}): WebhookConfiguration {
  return {
    Id: newId(),
    OrganizationId: organizationId,
    Alias: null,
    Type: 'webhook',
    Url: 'https://example.com/hook',
    Email: null,
    EmailConfirmedAt: null,
    Topics: ['*'],
    Filter: null,
    State: 'enabled',
    DisabledReason: null,
    TimeoutSeconds: 15,
    RetrySchedule: null,
    RateLimitPerSecond: null,
    SecretVersion: 1,
    CreatedAt: 1,
    UpdatedAt: 1,
    Deleted: false,
    Version: 1,
    ...changes,
  };
}

export function makeTask(changes: Partial<DeliveryTask> = {}): DeliveryTask {
  return {
    organizationId,
    deliveryId: newId(),
    webhookId: newId(),
    event: { id: newId(), topic: 'job.execution.failed', bodyPrefix: Buffer.from('{"Id":"1","Data":{}') },
    leaseUntil: Date.now() + 25_000,
    trigger: 'event',
    attemptNumber: 1,
    scheduledAttempts: 0,
    isClaimed: false,
    resendId: null,
    ...changes,
  };
}

export function makeAdmitted(
  webhook: WebhookConfiguration,
  changes: Partial<DeliveryTask> = {},
): AdmittedTask {
  return { webhook, task: makeTask({ webhookId: webhook.Id, ...changes }) };
}

/** What became of the delivery's first attempt: received. */
export function outcomeOf(
  webhookId: string,
  delivery: { readonly id: string; readonly due_at: number },
  changes: Partial<AttemptOutcome> = {},
): AttemptOutcome {
  return {
    attemptId: newId(),
    organizationId,
    deliveryId: delivery.id,
    webhookId,
    resendId: null,
    trigger: 'event',
    number: 1,
    leaseUntil: delivery.due_at,
    startedAt: 1_700_000_000_123,
    durationMs: 42,
    statusCode: 200,
    errorCode: null,
    errorMessage: null,
    url: 'https://example.com/hook',
    userAgent: 'Postrider/1',
    hasAuthorization: false,
    hubSignature: 'sha256=1',
    standardSignature: 'v1,1',
    responseHeaders: '{}',
    responseBody: Buffer.from('ok'),
    responseTruncated: false,
    request: null,
    isAlong: false,
    status: 'Succeeded',
    delayMs: null,
    ...changes,
  };
}
