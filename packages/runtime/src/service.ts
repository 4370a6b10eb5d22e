// The life of a service process: up, ready, draining, gone. The same for all four.
import { setFlagsFromString } from 'node:v8';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { ConfigurationError } from './config.js';
import { createLogger, flushLogger, type Logger } from './logger.js';
import type { Readiness } from './health.js';

export interface RunningService {
  readonly app: NestFastifyApplication;
  readonly readiness: Readiness;
  readonly host: string;
  readonly port: number;
  /** Name of the variable that sets the port, for the error when it is taken. */
  readonly portVariable: string;
  /** Called once everything listens: begin to take in work from NATS and the database. */
  readonly begin?: () => Promise<void>;
  /** Stop taking in, finish what is under way, flush. */
  readonly drain?: () => Promise<void>;
  /** After the HTTP server and the microservices are closed: end the connections. */
  readonly close?: () => Promise<void>;
}

const shutdownLimitMs = 14_000;
/**
 * How much the heap may grow over what is alive before it is collected, in percent. V8 takes up to 300 where there is memory:
 * a dispatcher with a million pending had 319 MB instead of 219, for no less CPU (docs/adr/0027).
 */
const heapGrowingPercent = 100;

/** Runs a service until SIGTERM or SIGINT (or until its supervisor goes away); never returns before that. */
export function runService(
  name: string,
  logLevel: string,
  start: (logger: Logger) => Promise<RunningService>,
): void {
  setFlagsFromString(`--heap-growing-percent=${heapGrowingPercent}`);
  const logger = createLogger(name, logLevel);
  process.on('unhandledRejection', (error) => {
    logger.fatal({ error }, 'unhandled.rejection');
    void flushLogger(logger).then(() => process.exit(1));
  });
  process.on('uncaughtException', (error) => {
    logger.fatal({ error }, 'uncaught.exception');
    void flushLogger(logger).then(() => process.exit(1));
  });
  let running: RunningService | null = null;
  let stopping = false;
  const stop = async (why: string): Promise<void> => {
    if (stopping) return;
    stopping = true;
    logger.info({ why }, 'service.stopping');
    if (running !== null) await shutDown(running, logger);
    logger.info('service.stopped');
    await flushLogger(logger);
    process.exit(0);
  };
  // From the beginning: a service that waits for the database or NATS at its start can be stopped too.
  process.on('SIGTERM', () => void stop('SIGTERM'));
  process.on('SIGINT', () => void stop('SIGINT'));
  // A supervisor that was killed can't stop its services: they notice.
  process.on('disconnect', () => void stop('supervisor is gone'));
  start(logger)
    .then(async (service) => {
      if (stopping) return;
      running = service;
      await serve(name, service, logger);
    })
    .catch(async (error: unknown) => {
      // What it was waiting for has been closed under it.
      if (stopping) return;
      logger.fatal({ error }, 'service.failed.to.start');
      await flushLogger(logger);
      const message =
        error instanceof ConfigurationError || error instanceof PortTakenError
          ? error.message
          : String(error);
      process.stderr.write(`${name}: ${message}\n`);
      process.exit(1);
    });
}

class PortTakenError extends Error {
  override readonly name = 'PortTakenError';
}

async function serve(name: string, service: RunningService, logger: Logger): Promise<void> {
  const url = await listen(service);
  await service.begin?.();
  logger.info({ url }, 'service.listening');
  await untilReady(service.readiness);
  process.send?.({ type: 'listening', service: name, url });
}

async function shutDown(service: RunningService, logger: Logger): Promise<void> {
  setTimeout(() => {
    logger.error({ limitMs: shutdownLimitMs }, 'service.stop.took.too.long');
    process.exit(1);
  }, shutdownLimitMs).unref();
  service.readiness.drain();
  try {
    await service.drain?.();
    await service.app.close();
    await service.close?.();
  } catch (error) {
    logger.error({ error }, 'service.stop.failed');
  }
}

async function listen({ app, host, port, portVariable }: RunningService): Promise<string> {
  try {
    await app.listen(port, host);
  } catch (error) {
    if ((error as { code?: unknown }).code !== 'EADDRINUSE') throw error;
    throw new PortTakenError(
      `port ${port} is taken: stop what uses it, or set ${portVariable} to another (0: a free one)`,
    );
  }
  const address = app.getHttpServer().address() as { port: number } | null;
  const shownHost = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
  return `http://${shownHost.includes(':') ? `[${shownHost}]` : shownHost}:${address?.port ?? port}`;
}

async function untilReady(readiness: Readiness): Promise<void> {
  while (!(await readiness.result()).ready) await new Promise((resolve) => setTimeout(resolve, 25));
}
