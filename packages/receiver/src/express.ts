import type { IncomingMessage, ServerResponse } from 'node:http';
import { WebhookVerificationError } from './errors.js';
import type { WebhookEvent } from './event.js';
import { rawBodyOf } from './node.js';
import { verify, type VerifyOptions } from './verify.js';

export type WithWebhook = IncomingMessage & { webhook?: WebhookEvent };

/**
 * Middleware for Express (and Connect): puts the event at `request.webhook`, or answers 401 (413, 500) with problem
 * details itself. Mount it on the route before any body parser, or behind `express.raw({ type: '*\/*' })`.
 */
export function expressWebhook(secrets: string | readonly string[], options: VerifyOptions = {}) {
  return (request: IncomingMessage, response: ServerResponse, next: (error?: unknown) => void): void => {
    rawBodyOf(request)
      .then((body) => {
        (request as WithWebhook).webhook = verify(body, request.headers, secrets, options);
      })
      .then(
        () => next(),
        (error: unknown) => {
          if (error instanceof WebhookVerificationError) refuse(response, error);
          else next(error);
        },
      );
  };
}

function refuse(response: ServerResponse, { statusCode, code, message }: WebhookVerificationError): void {
  response.statusCode = statusCode;
  response.setHeader('Content-Type', 'application/problem+json');
  // What is left of a body that is too long is not waited for.
  if (statusCode === 413) response.setHeader('Connection', 'close');
  response.end(JSON.stringify({ status: statusCode, title: 'Webhook not verified', code, detail: message }));
}
