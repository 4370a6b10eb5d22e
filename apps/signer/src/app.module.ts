// Which part gets what: the stages know each other only from here.
import { Module, type DynamicModule } from '@nestjs/common';
import { noticeSubjects, type WebhookNotice } from '@postrider/contracts';
import type { Messaging } from '@postrider/messaging';
import { HealthController, Readiness, type Logger } from '@postrider/runtime';
import type { Pool } from 'pg';
import { SecretStore } from './secrets/change-secrets.js';
import {
  announceChange,
  SecretsController,
  secretsLogger,
  type AnnounceChange,
} from './secrets/secrets.controller.js';
import { open } from './shared/envelope.js';
import type { MasterKeys } from './shared/master-keys.js';
import { BatchSigner } from './sign/batch-signer.js';
import type { KnownSecrets } from './sign/known-secrets.js';
import { loadSecrets } from './sign/load-secrets.js';
import { SignController, signLogger } from './sign/sign.controller.js';

export interface SignerParts {
  readonly pool: Pool;
  readonly messaging: Messaging;
  readonly keys: MasterKeys;
  readonly known: KnownSecrets;
  readonly readiness: Readiness;
  readonly logger: Logger;
  /** The database's time in epoch ms. */
  readonly nowMs: () => number;
}

@Module({})
export class AppModule {
  static with(parts: SignerParts): DynamicModule {
    return {
      module: AppModule,
      controllers: [HealthController, SignController, SecretsController],
      providers: [
        { provide: Readiness, useValue: parts.readiness },
        { provide: signLogger, useValue: parts.logger },
        { provide: secretsLogger, useValue: parts.logger },
        { provide: BatchSigner, useValue: batchSigner(parts) },
        { provide: SecretStore, useValue: new SecretStore(parts.pool, parts.keys) },
        { provide: announceChange, useValue: announcer(parts) },
      ],
    };
  }
}

function batchSigner({ pool, keys, known, logger, nowMs }: SignerParts): BatchSigner {
  return new BatchSigner({
    known,
    nowMs,
    load: (webhooks) => loadSecrets(pool, webhooks),
    open: (place, sealed) => open(keys, place, sealed),
    onLoadFailed: (error, away) =>
      logger[away ? 'warn' : 'error']({ error }, away ? 'secrets.database.away' : 'secrets.load.failed'),
    onUnopened: (webhook, error) => logger.error({ ...webhook, error }, 'secret.does.not.open'),
  });
}

function announcer({ messaging, known }: SignerParts): AnnounceChange {
  return ({ organizationId, webhookId }) => {
    known.forget(webhookId);
    const notice: WebhookNotice = { OrganizationId: organizationId, WebhookId: webhookId };
    messaging.publish(noticeSubjects.secretChanged, JSON.stringify(notice));
  };
}
