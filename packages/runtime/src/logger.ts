// pino for the service, and the same pino behind Nest's logger.
import type { LoggerService } from '@nestjs/common';
import { destination, pino, type Logger } from 'pino';
import { version } from './version.js';

export type { Logger } from 'pino';

/** Lines are JSON on stdout, written in chunks: a line per delivery must not cost a system call each, nor one in ten. */
export function createLogger(service: string, level: string): Logger {
  const stream = destination({ fd: 1, sync: false, minLength: 32_768, maxWrite: 65_536 });
  const timer = setInterval(() => stream.flush(), 500);
  timer.unref();
  return pino(
    {
      level,
      base: { service, version, pid: process.pid },
      timestamp: pino.stdTimeFunctions.epochTime,
      messageKey: 'event',
      serializers: { error: serializeError },
    },
    stream,
  );
}

/** Writes out what is still buffered: before the process ends. */
export function flushLogger(logger: Logger): Promise<void> {
  return new Promise((resolve) => {
    logger.flush(() => resolve());
    setTimeout(resolve, 200).unref();
  });
}

/** Name, code and message: never the properties that libraries hang on errors, which may carry what is secret. */
export function serializeError(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { message: String(error) };
  const code = (error as { code?: unknown }).code;
  return {
    name: error.name,
    message: error.message,
    ...(typeof code === 'string' ? { code } : {}),
    stack: error.stack,
    ...(error.cause instanceof Error
      ? { cause: { name: error.cause.name, message: error.cause.message } }
      : {}),
  };
}

/** Nest's own lines, in the same log. */
export class NestLogger implements LoggerService {
  constructor(private readonly logger: Logger) {}

  log(message: unknown, context?: unknown): void {
    this.logger.debug({ context, detail: message }, 'nest');
  }

  error(message: unknown, stack?: unknown, context?: unknown): void {
    this.logger.error(
      { context, error: message instanceof Error ? message : undefined, detail: String(message), stack },
      'nest',
    );
  }

  warn(message: unknown, context?: unknown): void {
    this.logger.warn({ context, detail: message }, 'nest');
  }

  debug(message: unknown, context?: unknown): void {
    this.logger.debug({ context, detail: message }, 'nest');
  }

  verbose(message: unknown, context?: unknown): void {
    this.logger.trace({ context, detail: message }, 'nest');
  }
}
