import type { IncomingMessage } from 'node:http';
import type { WebhookEvent } from './event.js';
import { rawBodyOf } from './node.js';
import { verify, type VerifyOptions } from './verify.js';

interface ContextLike {
  switchToHttp(): { getRequest<T>(): T };
}

/**
 * A guard for Nest: `@UseGuards(nestWebhook(secret))`, in an application made with `{ rawBody: true }`. The event is at
 * `request.webhook`; what does not verify is answered 401.
 */
export function nestWebhook(secrets: string | readonly string[], options: VerifyOptions = {}) {
  return {
    async canActivate(context: ContextLike): Promise<boolean> {
      const request = context
        .switchToHttp()
        .getRequest<IncomingMessage & { rawBody?: Uint8Array; webhook?: WebhookEvent }>();
      request.webhook = verify(await rawBodyOf(request), request.headers, secrets, options);
      return true;
    },
  };
}
