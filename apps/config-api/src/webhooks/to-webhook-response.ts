import type { Webhook } from '@postrider/contracts';
import type { WebhookEntity } from '@postrider/database/entities';

/** When a webhook last succeeded and failed: kept by the dispatcher, apart from the configuration. */
export interface WebhookHealth {
  readonly lastSucceededAt: number | null;
  readonly lastFailedAt: number | null;
}

export function toWebhookResponse(entity: WebhookEntity, health: WebhookHealth | undefined): Webhook {
  return {
    Id: entity.id,
    OrganizationId: entity.organizationId,
    Alias: entity.alias,
    Type: entity.type,
    Url: entity.url,
    Email: entity.email,
    EmailConfirmedAt: entity.emailConfirmedAt,
    HasAuthorization: entity.hasAuthorization,
    Topics: entity.topics,
    Filter: entity.filter,
    State: entity.state,
    DisabledReason: entity.disabledReason,
    TimeoutSeconds: entity.timeoutSeconds,
    RetrySchedule: entity.retrySchedule,
    RateLimitPerSecond: entity.rateLimitPerSecond,
    SecretCreatedAt: entity.secretCreatedAt,
    PreviousSecretExpiresAt: entity.previousSecretExpiresAt,
    LastSucceededAt: health?.lastSucceededAt ?? null,
    LastFailedAt: health?.lastFailedAt ?? null,
    CreatedAt: entity.createdAt,
    UpdatedAt: entity.updatedAt,
  };
}
