import type { IncomingHttpHeaders } from 'node:http';
import type { WebhookEvent } from './event.js';
import { maxBodyBytes } from './node.js';
import { verify, type VerifyOptions } from './verify.js';

// The little of Fastify that is needed, so that this package depends on nothing.
interface FastifyLike {
  removeContentTypeParser(contentType: string): unknown;
  addContentTypeParser(
    contentType: string,
    options: { parseAs: 'buffer'; bodyLimit: number },
    parser: (request: RequestLike, body: Buffer, done: (error: Error | null, body?: unknown) => void) => void,
  ): unknown;
}

interface RequestLike {
  readonly headers: IncomingHttpHeaders;
}

/**
 * A Fastify plugin: in the scope that it is registered in (and no other), `request.body` of JSON requests is the
 * verified event, and what does not verify never reaches the handler (401 by Fastify's error handling).
 *
 * `await app.register(async (scope) => { fastifyWebhook(scope, secret); scope.post('/webhooks', …) })`
 */
export function fastifyWebhook(
  scope: FastifyLike,
  secrets: string | readonly string[],
  options: VerifyOptions = {},
): void {
  scope.removeContentTypeParser('application/json');
  scope.addContentTypeParser(
    'application/json',
    { parseAs: 'buffer', bodyLimit: maxBodyBytes },
    ({ headers }, body, done) => {
      let event: WebhookEvent;
      try {
        event = verify(body, headers, secrets, options);
      } catch (error) {
        done(error as Error);
        return;
      }
      done(null, event);
    },
  );
}
