import { WebhookVerificationError } from './errors.js';
import type { WebhookEvent } from './event.js';
import { verify, type VerifyOptions } from './verify.js';

/** For servers that speak Fetch (Next.js, Hono, Deno, Bun, workers): reads the request's body and verifies it. */
export async function verifyRequest<Data = Record<string, unknown>>(
  request: Request,
  secrets: string | readonly string[],
  options: VerifyOptions = {},
): Promise<WebhookEvent<Data>> {
  if (request.bodyUsed) {
    throw new WebhookVerificationError('body_not_raw', 'The body was read before: pass request.clone().');
  }
  return verify<Data>(new Uint8Array(await request.arrayBuffer()), request.headers, secrets, options);
}
