import { Module, type DynamicModule } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { TypeOrmModule } from '@nestjs/typeorm';
import { OrganizationPool } from '@postrider/database';
import { ApiKeyEntity, OrganizationEntity, TopicEntity, WebhookEntity } from '@postrider/database/entities';
import { ConfigurationBucket, Messaging } from '@postrider/messaging';
import {
  ApiKeyGuard,
  Authenticator,
  HealthController,
  RATE_LIMITS,
  RateLimitGuard,
  Readiness,
  StatusTeller,
} from '@postrider/runtime';
import { Pool } from 'pg';
import { ApiKeysController } from './api-keys/api-keys.controller.js';
import { ApiKeys } from './api-keys/api-keys.js';
import { AuditLogController } from './audit-log/audit-log.controller.js';
import type { ConfigApiConfig } from './config.js';
import { ConfigurationChanges } from './configuration-changes.js';
import { ConfigurationTables } from './configuration-tables.js';
import { DashboardController } from './dashboard/dashboard.controller.js';
import { readDashboardFiles } from './dashboard/dashboard-files.js';
import { DeliveriesController } from './deliveries/deliveries.controller.js';
import { Deliveries } from './deliveries/deliveries.js';
import { PingController } from './deliveries/ping.controller.js';
import { Ping } from './deliveries/ping.js';
import { EventsController } from './events/events.controller.js';
import { FiltersController } from './filters/filters.controller.js';
import { ExistingOrganizationGuard } from './http/existing-organization.guard.js';
import { UnknownQueryGuard } from './http/unknown-query.guard.js';
import { LiveFeed } from './live/live-feed.js';
import { LiveController } from './live/live.controller.js';
import { LiveStreams } from './live/live-streams.js';
import { ApiDocument, DocumentsController } from './openapi/documents.controller.js';
import { Confirmations } from './mail/confirmations.js';
import { MailLinksController } from './mail/mail-links.controller.js';
import { MailLinks } from './mail/mail-links.js';
import { DeleteOrganization } from './organizations/delete-organization.js';
import { OrganizationsController } from './organizations/organizations.controller.js';
import { Organizations } from './organizations/organizations.js';
import { ConfigurationPublisher, statusFigures } from './publish/configuration.publisher.js';
import { Reconciler } from './publish/reconciler.js';
import { ReplaysController } from './replays/replays.controller.js';
import { Replays } from './replays/replays.js';
import { RetentionJob } from './retention/retention.job.js';
import { PortalLinksController } from './sessions/portal-links.controller.js';
import { SessionController } from './sessions/session.controller.js';
import { SessionStore } from './sessions/session-store.js';
import { Sessions } from './sessions/sessions.js';
import { StatsController } from './stats/stats.controller.js';
import { SystemController } from './system/system.controller.js';
import {
  DASHBOARD_FILES,
  EGRESS_RULES,
  LOGGER,
  MAIL_LINK_KEY,
  PORTAL_PARENTS,
  PUBLIC_URL,
  RETENTION_DAYS,
  RETENTION_POOL,
  type Logger,
} from './tokens.js';
import { TopicsController } from './topics/topics.controller.js';
import { Topics } from './topics/topics.js';
import { AftermathSweep } from './webhooks/aftermath-sweep.js';
import { WEBHOOK_LIMITS } from './webhooks/webhook-limits.js';
import { WebhookActionsController } from './webhooks/webhook-actions.controller.js';
import { WebhookActions } from './webhooks/webhook-actions.js';
import { WebhookAftermath } from './webhooks/webhook-aftermath.js';
import { WebhooksController } from './webhooks/webhooks.controller.js';
import { Webhooks } from './webhooks/webhooks.js';

/** Made before the application, and closed after it. */
export interface AppParts {
  readonly config: ConfigApiConfig;
  readonly logger: Logger;
  readonly readiness: Readiness;
  readonly pool: Pool;
  readonly retentionPool: Pool;
  readonly messaging: Messaging;
  readonly authenticator: Authenticator;
  readonly sessionStore: SessionStore;
  readonly sessions: Sessions;
}

/** A statement that runs longer is cancelled, one that is not answered at all given up: somebody waits for its answer. */
export const statementTimeoutMs = 15_000;
export const answerTimeoutMs = 18_000;
/** Connections that TypeORM may have open: configuration changes seldom. */
const configurationConnections = 5;

@Module({})
export class AppModule {
  static with(parts: AppParts): DynamicModule {
    const { config, logger, messaging } = parts;
    return {
      module: AppModule,
      imports: [
        TypeOrmModule.forRoot({
          type: 'postgres',
          url: config.databaseUrl,
          // TypeORM takes its connections from our pool, which tells each whose rows it may see.
          driver: { Pool: OrganizationPool },
          applicationName: 'config-api',
          entities: [OrganizationEntity, ApiKeyEntity, WebhookEntity, TopicEntity],
          poolSize: configurationConnections,
          extra: {
            connectionTimeoutMillis: 5_000,
            statement_timeout: statementTimeoutMs,
            query_timeout: answerTimeoutMs,
            keepAlive: true,
          },
          // ConfigurationTables does it, again and again: the service starts without PostgreSQL too.
          manualInitialization: true,
          logging: false,
        }),
      ],
      controllers: [
        HealthController,
        DashboardController,
        DocumentsController,
        SessionController,
        OrganizationsController,
        ApiKeysController,
        PortalLinksController,
        WebhooksController,
        WebhookActionsController,
        PingController,
        DeliveriesController,
        ReplaysController,
        LiveController,
        EventsController,
        FiltersController,
        MailLinksController,
        StatsController,
        TopicsController,
        AuditLogController,
        SystemController,
      ],
      providers: [
        { provide: LOGGER, useValue: logger },
        { provide: EGRESS_RULES, useValue: config.egress },
        { provide: PUBLIC_URL, useValue: config.publicUrl },
        { provide: PORTAL_PARENTS, useValue: config.portalParents },
        { provide: DASHBOARD_FILES, useFactory: () => readDashboardFiles(config.dashboardFolder) },
        { provide: RATE_LIMITS, useValue: config.rateLimits },
        { provide: WEBHOOK_LIMITS, useValue: config.webhookLimits },
        { provide: MAIL_LINK_KEY, useValue: config.mailLinkKey },
        { provide: RETENTION_DAYS, useValue: config.retentionDays },
        { provide: Readiness, useValue: parts.readiness },
        { provide: Pool, useValue: parts.pool },
        { provide: RETENTION_POOL, useValue: parts.retentionPool },
        { provide: Messaging, useValue: messaging },
        { provide: Authenticator, useValue: parts.authenticator },
        { provide: SessionStore, useValue: parts.sessionStore },
        { provide: Sessions, useValue: parts.sessions },
        {
          provide: LiveFeed,
          useFactory: () =>
            new LiveFeed({
              pool: parts.pool,
              messaging,
              onError: (error) => logger.warn({ error }, 'live.not.read'),
            }),
        },
        {
          provide: StatusTeller,
          useFactory: () =>
            new StatusTeller({ service: 'config-api', readiness: parts.readiness, figures: statusFigures }),
        },
        { provide: LiveStreams, useFactory: () => new LiveStreams() },
        { provide: ConfigurationBucket, useFactory: () => new ConfigurationBucket(messaging) },
        { provide: ConfigurationChanges, useExisting: ConfigurationPublisher },
        // In this order: who calls, and how often, then whether the organization is there, then what is asked.
        { provide: APP_GUARD, useClass: ApiKeyGuard },
        { provide: APP_GUARD, useClass: RateLimitGuard },
        { provide: APP_GUARD, useClass: ExistingOrganizationGuard },
        { provide: APP_GUARD, useClass: UnknownQueryGuard },
        ConfigurationTables,
        ConfigurationPublisher,
        Reconciler,
        RetentionJob,
        ApiDocument,
        Organizations,
        DeleteOrganization,
        ApiKeys,
        Confirmations,
        MailLinks,
        Webhooks,
        WebhookActions,
        WebhookAftermath,
        AftermathSweep,
        Topics,
        Deliveries,
        Replays,
        Ping,
      ],
    };
  }
}
