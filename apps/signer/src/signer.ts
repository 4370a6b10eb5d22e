// Puts the signer together: connections, stages, readiness, and the order in which it comes up and goes down.
import { noticeSubjects, WebhookNotice } from '@postrider/contracts';
import { createPool, DatabaseClock } from '@postrider/database';
import { answerStatus, Messaging, requestReplyOptions } from '@postrider/messaging';
import { createHttpApp, Readiness, StatusTeller, type Logger, type RunningService } from '@postrider/runtime';
import type { Pool } from 'pg';
import { AppModule } from './app.module.js';
import type { SignerConfig } from './config.js';
import { KeyKeeper } from './secrets/key-keeper.js';
import { KnownSecrets } from './sign/known-secrets.js';
import { statusFigures } from './sign/sign.metrics.js';

/** About 1 KB each. */
const rememberedWebhooks = 50_000;
const retryMs = 1_000;

/** `nowMs` stands in for the database's clock in tests. */
export async function createSigner(
  config: SignerConfig,
  logger: Logger,
  nowMs?: () => number,
): Promise<RunningService> {
  const pool = createPool(
    { databaseUrl: config.DATABASE_URL, applicationName: 'signer', max: 6, statementTimeoutMs: 5_000 },
    (error) => logger.warn({ error }, 'database.connection.lost'),
  );
  const messaging = await Messaging.open({
    natsUrl: config.NATS_URL,
    name: 'signer',
    onStatus: (status) => logger.info({ status }, 'nats.status'),
  });
  const clock = new DatabaseClock(pool);
  const now = nowMs ?? (() => clock.nowMs());
  const known = new KnownSecrets(rememberedWebhooks);
  const keeper = new KeyKeeper(pool, config.MASTER_KEYS, logger);
  const readiness = new Readiness();
  const app = await createHttpApp(
    AppModule.with({
      pool,
      messaging,
      keys: config.MASTER_KEYS,
      known,
      readiness,
      logger,
      nowMs: now,
    }),
    { logger, bodyLimitBytes: 1_024, bodyParsers: {} },
  );
  const requests = requestReplyOptions(config.NATS_URL, 'signer');
  app.connectMicroservice(requests);
  followChanges(messaging, known, now);
  readiness.add('database', () => databaseReason(pool));
  readiness.add('keys', () => keeper.reason);
  readiness.add('nats', () =>
    messaging.isConnected && requests.strategy.isConnected ? null : 'not connected to NATS',
  );
  const teller = new StatusTeller({ service: 'signer', readiness, figures: statusFigures });
  answerStatus(messaging, () => teller.status());
  let stopping = false;
  return {
    app,
    readiness,
    host: config.HOST,
    port: config.SIGNER_PORT,
    portVariable: 'SIGNER_PORT',
    begin: async () => {
      await untilMeasured(clock, logger, () => stopping);
      // With keys that don't fit it takes no requests: another instance may have the right ones.
      if (await keeper.start()) await app.startAllMicroservices();
    },
    drain: async () => {
      stopping = true;
      keeper.stop();
      await requests.strategy.close();
    },
    close: async () => {
      clock.stop();
      await messaging.close();
      await pool.end();
    },
  };
}

function followChanges(messaging: Messaging, known: KnownSecrets, nowMs: () => number): void {
  messaging.subscribe(noticeSubjects.secretChanged, (message) => {
    const notice = WebhookNotice.safeParse(message.json());
    if (notice.success) known.forget(notice.data.WebhookId);
  });
  // While NATS was away, notices were missed.
  messaging.onConnected(() => {
    known.trustedFrom = nowMs();
  });
}

async function databaseReason(pool: Pool): Promise<string | null> {
  await pool.query('SELECT 1');
  return null;
}

async function untilMeasured(clock: DatabaseClock, logger: Logger, isStopping: () => boolean): Promise<void> {
  while (!isStopping()) {
    try {
      await clock.start((error) => logger.warn({ error }, 'database.clock.not.measured'));
      return;
    } catch (error) {
      logger.warn({ error }, 'database.away');
      await new Promise((resolve) => setTimeout(resolve, retryMs));
    }
  }
}
