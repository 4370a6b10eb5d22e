// Every error leaves as RFC 9457 problem details; what is ours goes to the log, not to the caller.
import {
  Catch,
  HttpException,
  NotFoundException,
  type ArgumentsHost,
  type ExceptionFilter,
} from '@nestjs/common';
import { ProblemError } from '@postrider/contracts';
import { isDatabaseAway } from '@postrider/database';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from './logger.js';

@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(
    private readonly logger: Logger,
    /** The problem of a path that no route has: 404, or 405 where another method would do. */
    private readonly unrouted: (request: FastifyRequest) => ProblemError,
  ) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    // Handlers throw ProblemError: Nest's own 404 is the router's.
    const problem = error instanceof NotFoundException ? this.unrouted(request) : error;
    sendProblem(problem, request, http.getResponse<FastifyReply>(), this.logger);
  }
}

export function sendProblem(
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
  logger: Logger,
): void {
  const problem = toProblemError(error);
  if (problem.status >= 500) {
    logger.error(
      { error, method: request.method, route: request.routeOptions.url, requestId: request.id },
      'request.failed',
    );
  }
  if (reply.raw.headersSent) {
    reply.raw.destroy();
    return;
  }
  void reply
    .status(problem.status)
    .headers({ ...problem.headers })
    .type('application/problem+json; charset=utf-8')
    .send(JSON.stringify({ ...problem.toProblem(), requestId: request.id }));
}

const fastifyCodes: Readonly<Record<string, [ConstructorParameters<typeof ProblemError>[0], string]>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: [
    'payload_too_large',
    'the body is larger than this service takes: send less at a time',
  ],
  FST_ERR_CTP_INVALID_MEDIA_TYPE: ['unsupported_media_type', 'send the body as application/json'],
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: [
    'malformed_request',
    'Content-Length differs from the length of the body',
  ],
  FST_ERR_CTP_EMPTY_JSON_BODY: ['malformed_json', 'the body is empty: send a JSON object'],
  FST_ERR_BAD_URL: ['malformed_request', 'the URL has a % that begins no valid escape'],
  FST_ERR_ASYNC_CONSTRAINT: ['malformed_request', 'the request could not be routed'],
  FST_ERR_MAX_PARAM_LENGTH: ['not_found', 'no such resource'],
};

/** The problem that an error is told as; anything unforeseen is `internal` and says nothing of itself. */
export function toProblemError(error: unknown): ProblemError {
  if (error instanceof ProblemError) return error;
  const code = (error as { code?: unknown } | null)?.code;
  const known = typeof code === 'string' ? fastifyCodes[code] : undefined;
  if (known !== undefined) return new ProblemError(known[0], known[1]);
  if (isDatabaseAway(error)) {
    return new ProblemError('unavailable', 'the database is away: try again in a moment', [], {
      'Retry-After': '2',
    });
  }
  const status =
    error instanceof HttpException
      ? error.getStatus()
      : (error as { statusCode?: unknown } | null)?.statusCode;
  if (status === 404) return new ProblemError('not_found', 'no such resource');
  if (status === 413) return new ProblemError('payload_too_large', 'the body is too large');
  if (status === 415) return new ProblemError('unsupported_media_type', 'send the body as application/json');
  if (typeof status === 'number' && status >= 400 && status < 500) {
    return new ProblemError('malformed_request', 'the request could not be read');
  }
  return new ProblemError(
    'internal',
    'the request could not be done: try again, and tell the operator the requestId if it stays so',
  );
}
