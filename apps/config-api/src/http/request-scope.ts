// What belongs to a request wherever its work goes: who calls, and whose rows it may see.
import { AsyncLocalStorage } from 'node:async_hooks';
import { withinRequest } from '@postrider/database';
import type { CallerRequest } from '@postrider/runtime';
import type { FastifyInstance } from 'fastify';

const requests = new AsyncLocalStorage<CallerRequest>();

/** From here on the database is told whose rows each request may see, as soon as its caller is known. */
export function scopeRequests(fastify: FastifyInstance): void {
  fastify.addHook('onRequest', (request, _reply, done) => {
    const call = request as CallerRequest;
    withinRequest(
      () => organizationOf(call),
      () => requests.run(call, done),
    );
  });
}

/** The request that the present work is done for; undefined for work of the service's own. */
export function currentRequest(): CallerRequest | undefined {
  return requests.getStore();
}

/** By the caller, not by the path: a path that names another organization opens nothing. */
function organizationOf({ caller }: CallerRequest): string | null {
  if (caller === undefined) return null;
  return caller.kind === 'admin' ? '*' : caller.organizationId;
}
