// Starts the service within this process: main.ts does, and so do the tests.
import { maxEventsPerRequest } from '@postrider/contracts';
import { answerStatus, JetStreamBatchStrategy, Messaging, requestReplyOptions } from '@postrider/messaging';
import {
  armFailPoint,
  createHttpApp,
  failPoint,
  Readiness,
  StatusTeller,
  TokenBuckets,
  type Logger,
  type RunningService,
} from '@postrider/runtime';
import { AppModule } from './app.module.js';
import type { EventIngestConfig } from './config.js';
import { EventIngest } from './event-ingest.js';
import { statusFigures } from './telemetry.js';

/** Room for the white space around each event of an array. */
const spaceBytes = 4_096;
const eventsBatch = { maxBatch: 200, maxOutstanding: 1_000, maxBytes: 16 * 1024 * 1024, parallel: 2 };

/** Data must leave as it was published. */
const asTheyCame = (bytes: Buffer): Buffer => bytes;

export async function start(config: EventIngestConfig, logger: Logger): Promise<RunningService> {
  armFailPoint('event-ingest', config.failPoint);
  const messaging = await Messaging.open({
    natsUrl: config.natsUrl,
    name: 'event-ingest',
    replicas: config.natsReplicas,
    onStatus: (status) => logger.info(status, 'nats.status'),
  });
  const service = new EventIngest(config, messaging, logger);
  const readiness = new Readiness();
  service.addReadinessChecks(readiness);
  const rate = new TokenBuckets(config.rateLimitEvents);
  const app = await createHttpApp(AppModule.of(service, readiness, rate, logger), {
    logger,
    bodyLimitBytes: maxEventsPerRequest * (config.maxEventBytes + spaceBytes),
    bodyParsers: {
      'application/json': asTheyCame,
      'application/cloudevents+json': asTheyCame,
      'application/cloudevents-batch+json': asTheyCame,
    },
  });
  const events = new JetStreamBatchStrategy(
    messaging,
    [{ stream: 'events', ...eventsBatch, onAcknowledged: () => setImmediate(failPoint, 'events.after-ack') }],
    (what, error) => logger.warn({ error, detail: what }, 'events.trouble'),
  );
  app.connectMicroservice({ strategy: events });
  app.connectMicroservice(requestReplyOptions(config.natsUrl, 'event-ingest'));
  const teller = new StatusTeller({ service: 'event-ingest', readiness, figures: statusFigures });
  answerStatus(messaging, () => teller.status());
  return {
    app,
    readiness,
    host: config.host,
    port: config.port,
    portVariable: 'EVENT_INGEST_PORT',
    begin: async () => {
      await service.begin();
      // Comes up when NATS does: the HTTP door does not wait for it.
      app.startAllMicroservices().catch((error: unknown) => logger.error({ error }, 'doors.not.opened'));
    },
    // Requests under way are finished by app.close(), which comes next.
    drain: () => events.close(),
    close: async () => {
      await service.close();
      await messaging.close();
    },
  };
}
