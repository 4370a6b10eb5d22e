import { histogram } from '@postrider/runtime';
import type { FastifyInstance } from 'fastify';

const requestSeconds = histogram(
  'postrider_http_request_seconds',
  'Time from the request to the end of the answer.',
  [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
  ['method', 'route', 'status'],
);

/** Counts and times every request by its route's pattern, so that ids don't become labels. */
export function measureRequests(fastify: FastifyInstance): void {
  fastify.addHook('onResponse', (request, reply, done) => {
    requestSeconds.observe(
      { method: request.method, route: request.routeOptions.url ?? 'none', status: String(reply.statusCode) },
      reply.elapsedTime / 1_000,
    );
    done();
  });
}
