// Puts the service together: for main.ts, and for tests that run it in their own process.
import { acrossOrganizations, createPool } from '@postrider/database';
import { answerStatus, Messaging } from '@postrider/messaging';
import {
  Authenticator,
  createHttpApp,
  parseJsonBody,
  Readiness,
  StatusTeller,
  type Logger,
  type RunningService,
} from '@postrider/runtime';
import type { Pool } from 'pg';
import { answerTimeoutMs, AppModule, statementTimeoutMs } from './app.module.js';
import { Ping } from './deliveries/ping.js';
import type { ConfigApiConfig } from './config.js';
import { ConfigurationTables } from './configuration-tables.js';
import { measureRequests } from './http/request-metrics.js';
import { LiveStreams } from './live/live-streams.js';
import { scopeRequests } from './http/request-scope.js';
import { createDocument } from './openapi/document.js';
import { ApiDocument } from './openapi/documents.controller.js';
import { Reconciler } from './publish/reconciler.js';
import { RetentionJob } from './retention/retention.job.js';
import { SessionStore } from './sessions/session-store.js';
import { Sessions } from './sessions/sessions.js';
import { ignoreMailForm } from './mail/ignore-mail-form.js';
import { AftermathSweep } from './webhooks/aftermath-sweep.js';

const bodyLimitBytes = 1_048_576;
const logConnections = 10;

export async function startConfigApi(config: ConfigApiConfig, logger: Logger): Promise<RunningService> {
  const readiness = new Readiness();
  const onError = (error: Error): void => logger.warn({ error }, 'database.connection.lost');
  const { databaseUrl } = config;
  const pool = createPool(
    {
      databaseUrl,
      applicationName: 'config-api',
      max: logConnections,
      statementTimeoutMs,
      answerTimeoutMs,
      byOrganization: true,
    },
    onError,
  );
  // Whose a session or a portal link is shows only once it is found.
  const sessionPool = createPool(
    {
      databaseUrl,
      applicationName: 'config-api sessions',
      max: 3,
      statementTimeoutMs,
      answerTimeoutMs,
      everyOrganization: true,
    },
    onError,
  );
  const retentionPool = createPool(
    {
      databaseUrl,
      applicationName: 'config-api retention',
      max: 2,
      statementTimeoutMs: 0,
      byOrganization: true,
    },
    onError,
  );
  const messaging = await Messaging.open({
    natsUrl: config.natsUrl,
    name: 'config-api',
    replicas: config.natsReplicas,
    onStatus: (status) => logger.info({ status }, 'nats.status'),
  });
  // Keys are looked up anew for every request: here one that is deleted, or whose organization is, stops at once.
  const sessionStore = new SessionStore(sessionPool, config.adminApiKey);
  const sessions = new Sessions({ pool: sessionPool, store: sessionStore, publicUrl: config.publicUrl });
  const authenticator = new Authenticator({
    pool,
    adminApiKey: config.adminApiKey,
    cacheMs: 0,
    sessions: (request) => sessions.callerOf(request),
  });
  const app = await createHttpApp(
    AppModule.with({
      config,
      logger,
      readiness,
      pool,
      retentionPool,
      messaging,
      authenticator,
      sessionStore,
      sessions,
    }),
    {
      logger,
      bodyLimitBytes,
      corsOrigins: config.corsOrigins,
      bodyParsers: {
        'application/json': parseJsonBody,
        'application/merge-patch+json': parseJsonBody,
        'application/x-www-form-urlencoded': ignoreMailForm,
        'multipart/form-data': ignoreMailForm,
      },
    },
  );
  const tables = app.get(ConfigurationTables);
  const reconciler = app.get(Reconciler);
  const retention = app.get(RetentionJob);
  const sweep = app.get(AftermathSweep);
  measureRequests(app.getHttpAdapter().getInstance());
  scopeRequests(app.getHttpAdapter().getInstance());
  app.get(ApiDocument).set(createDocument(app));
  addReadinessChecks(readiness, pool, tables, messaging);
  const teller = app.get(StatusTeller);
  answerStatus(messaging, () => teller.status());
  await tables.connect();

  return {
    app,
    readiness,
    host: config.host,
    port: config.port,
    portVariable: 'CONFIG_API_PORT',
    begin: async () => {
      reconciler.start();
      retention.start();
      sweep.start();
    },
    drain: async () => {
      tables.stop();
      app.get(Ping).stop();
      app.get(LiveStreams).close();
      await Promise.all([reconciler.stop(), retention.stop(), sweep.stop()]);
    },
    close: async () => {
      authenticator.close();
      await messaging.close();
      await Promise.all([pool.end(), sessionPool.end(), retentionPool.end()]);
    },
  };
}

function addReadinessChecks(
  readiness: Readiness,
  pool: Pool,
  tables: ConfigurationTables,
  messaging: Messaging,
): void {
  readiness.add('database', async () => {
    await acrossOrganizations(() => pool.query('SELECT 1'));
    return tables.isConnected ? null : 'the configuration tables have not been reached yet';
  });
  readiness.add('nats', () =>
    messaging.isConnected ? null : 'NATS is away: changes are kept and published when it is back',
  );
}
