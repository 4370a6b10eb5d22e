import 'reflect-metadata';
import { answerStatus, JetStreamBatchStrategy, Messaging, requestReplyOptions } from '@postrider/messaging';
import {
  armFailPoint,
  createHttpApp,
  Readiness,
  runService,
  StatusTeller,
  type Logger,
  type RunningService,
} from '@postrider/runtime';
import { AppModule } from './app.module.js';
import { readConfig, type DispatcherConfig } from './config.js';
import { Dispatcher } from './dispatcher.js';
import { statusFigures } from './telemetry.js';

const config = readConfigOrExit();
runService('dispatcher', config.logLevel, (logger) => start(config, logger));

async function start(settings: DispatcherConfig, logger: Logger): Promise<RunningService> {
  armFailPoint('dispatcher', settings.failPoint);
  const messaging = await Messaging.open({
    natsUrl: settings.natsUrl,
    name: 'dispatcher',
    onStatus: (status) => logger.info(status, 'nats.status'),
  });
  const dispatcher = new Dispatcher(settings, messaging, logger);
  const readiness = new Readiness();
  dispatcher.addReadinessChecks(readiness);
  const app = await createHttpApp(AppModule.of(dispatcher, readiness), {
    logger,
    bodyLimitBytes: 1_024,
    bodyParsers: {},
  });
  const lane = new JetStreamBatchStrategy(
    messaging,
    [{ stream: 'lane', maxBatch: 16, maxOutstanding: 64, maxBytes: 8 * 1024 * 1024, parallel: 1 }],
    (what, error) => logger.error({ error, detail: what }, 'lane.trouble'),
  );
  app.connectMicroservice({ strategy: lane });
  app.connectMicroservice(requestReplyOptions(settings.natsUrl, 'dispatcher'));
  const teller = new StatusTeller({ service: 'dispatcher', readiness, figures: statusFigures });
  answerStatus(messaging, () => teller.status());
  return {
    app,
    readiness,
    host: settings.host,
    port: settings.port,
    portVariable: 'DISPATCHER_PORT',
    begin: async () => {
      await dispatcher.begin();
      // Comes up when NATS does; the readiness says whether it has.
      app.startAllMicroservices().catch((error: unknown) => logger.error({ error }, 'microservices.failed'));
    },
    drain: async () => {
      // First, since the lane waits for the batch in hand, and that for room.
      dispatcher.closeIntake();
      await lane.close();
      await dispatcher.drain();
    },
    close: async () => {
      await dispatcher.close();
      await messaging.close();
    },
  };
}

function readConfigOrExit(): DispatcherConfig {
  try {
    return readConfig();
  } catch (error) {
    process.stderr.write(`dispatcher: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  }
}
