// A Nest application on Fastify, set up the same way for every service: limits, raw bodies, problem details, 404 and 405.
import type { DynamicModule, Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { ProblemError } from '@postrider/contracts';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { newId } from '@postrider/database';
import {
  allowOrigins,
  answerClientError,
  drainRefusedBodies,
  serverLimits,
  setSecurityHeaders,
} from './http-hardening.js';
import { NestLogger, type Logger } from './logger.js';
import { ProblemFilter, sendProblem } from './problem.filter.js';
import { SchemaPipe } from './schema.pipe.js';

export interface HttpAppOptions {
  readonly logger: Logger;
  /** Longest body in bytes; more is 413. */
  readonly bodyLimitBytes: number;
  /** Content types whose bodies are taken; each arrives at handlers as this makes it of the bytes. */
  readonly bodyParsers: Readonly<Record<string, (bytes: Buffer, path: string) => unknown>>;
  /** Origins whose pages may call; default: none. */
  readonly corsOrigins?: readonly string[];
}

/**
 * Requests are checked by SchemaPipe, and no route has a schema of Fastify's: without this it would load two compilers for
 * them, a tenth of what a service takes to start.
 */
const noSchemas = (): never => {
  throw new Error("a route has a schema of Fastify's: check it with SchemaPipe");
};

export async function createHttpApp(
  module: Type | DynamicModule,
  options: HttpAppOptions,
): Promise<NestFastifyApplication> {
  const adapter = new FastifyAdapter({
    bodyLimit: options.bodyLimitBytes,
    genReqId: () => newId(),
    http: serverLimits,
    schemaController: { compilersFactory: { buildValidator: noSchemas, buildSerializer: noSchemas } },
    clientErrorHandler: answerClientError,
    requestTimeout: 30_000,
    keepAliveTimeout: 65_000,
    // An unfinished request must not hold up a shutdown for long.
    forceCloseConnections: 'idle',
    routerOptions: { maxParamLength: 256, ignoreTrailingSlash: true },
    frameworkErrors: (error: unknown, request: FastifyRequest, reply: FastifyReply) =>
      sendProblem(error, request, reply, options.logger),
  });
  const fastify: FastifyInstance = adapter.getInstance();
  setBodyParsers(fastify, options.bodyParsers);
  const routes = collectRoutes(fastify);
  const app = await NestFactory.create<NestFastifyApplication>(module, adapter, {
    logger: new NestLogger(options.logger),
    bodyParser: false,
    abortOnError: false,
  });
  // Nest's own handlers of errors and of unknown paths end in this filter too.
  app.useGlobalFilters(new ProblemFilter(options.logger, (request) => notFound(request, routes)));
  app.useGlobalPipes(new SchemaPipe());
  setSecurityHeaders(fastify);
  drainRefusedBodies(fastify);
  allowOrigins(fastify, options.corsOrigins ?? []);
  await app.init();
  return app;
}

function setBodyParsers(fastify: FastifyInstance, parsers: HttpAppOptions['bodyParsers']): void {
  fastify.removeAllContentTypeParsers();
  for (const [type, parse] of Object.entries(parsers)) {
    fastify.addContentTypeParser(type, { parseAs: 'buffer' }, (request, bytes, done) => {
      try {
        done(null, parse(bytes as Buffer, request.url));
      } catch (error) {
        done(error as Error);
      }
    });
  }
}

interface Route {
  readonly methods: Set<string>;
  readonly pattern: RegExp;
}

/** Fastify answers 404 for a known path with another method: 405 needs to know the paths. */
function collectRoutes(fastify: FastifyInstance): Map<string, Route> {
  const routes = new Map<string, Route>();
  fastify.addHook('onRoute', (route) => {
    const existing = routes.get(route.url) ?? {
      methods: new Set<string>(),
      pattern: routePattern(route.url),
    };
    for (const method of [route.method].flat()) existing.methods.add(method);
    routes.set(route.url, existing);
  });
  return routes;
}

function routePattern(url: string): RegExp {
  const escaped = url
    .split('/')
    .map((part) =>
      part.startsWith(':') ? '[^/]+' : part === '*' ? '.*' : part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'),
    )
    .join('/');
  return new RegExp(`^${escaped}/?$`);
}

function notFound(request: FastifyRequest, routes: ReadonlyMap<string, Route>): ProblemError {
  const path = request.url.split('?', 1)[0] ?? '';
  const allowed = [...routes.values()]
    .filter((route) => route.pattern.test(path))
    .flatMap((route) => [...route.methods]);
  if (allowed.length === 0)
    return new ProblemError(
      'not_found',
      `there is nothing at ${request.method} ${path.slice(0, 200)}: see /openapi.json`,
    );
  return new ProblemError(
    'method_not_allowed',
    `${request.method} is not offered here: use ${[...new Set(allowed)].join(', ')}`,
    [],
    {
      Allow: [...new Set(allowed)].join(', '),
    },
  );
}
