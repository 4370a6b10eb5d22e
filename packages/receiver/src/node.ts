import type { IncomingMessage } from 'node:http';
import { WebhookVerificationError } from './errors.js';

/** Postrider's largest event and what stands around it stay below this. */
export const maxBodyBytes = 1_048_576;

type WithBody = IncomingMessage & { body?: unknown; rawBody?: unknown };

/**
 * The bytes of a Node.js request: what a body parser kept raw (`rawBody`, or a Buffer or text in `body`), else the
 * stream's own.
 */
export async function rawBodyOf(request: WithBody): Promise<Uint8Array> {
  for (const kept of [request.rawBody, request.body]) {
    if (kept instanceof Uint8Array) return kept;
    if (typeof kept === 'string') return Buffer.from(kept, 'utf8');
  }
  if (request.readableEnded || request.body !== undefined) {
    throw new WebhookVerificationError(
      'body_not_raw',
      'A body parser came first: mount the webhook route before it, or have it keep the bytes (express.raw, rawBody: true).',
    );
  }
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Uint8Array>) {
    bytes += chunk.length;
    if (bytes > maxBodyBytes) {
      throw new WebhookVerificationError('body_too_large', `The body is larger than ${maxBodyBytes} bytes.`);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
