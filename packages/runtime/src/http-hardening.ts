// What our own HTTP servers do about callers that mean no good or know no better, before any handler sees them.
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { errorCatalogue, type ErrorCode } from '@postrider/contracts';
import type { FastifyInstance, FastifyReply } from 'fastify';

/** For the server itself: a caller that dribbles its headers or its body holds a socket no longer than this. */
export const serverLimits = {
  headersTimeout: 15_000,
  /** How often the two timeouts are looked after. */
  connectionsCheckingInterval: 5_000,
  maxHeaderSize: 16_384,
} as const;

/** Headers of every answer that does not set them itself; what a browser shows (HTML) brings its own policy along. */
export function setSecurityHeaders(fastify: FastifyInstance): void {
  fastify.addHook('onSend', async (request, reply) => {
    reply.header('X-Request-Id', request.id).header('X-Content-Type-Options', 'nosniff');
    setUnlessSet(reply, 'Referrer-Policy', 'no-referrer');
    if (String(reply.getHeader('Content-Type') ?? '').startsWith('text/html')) return;
    setUnlessSet(reply, 'Content-Security-Policy', "default-src 'none'; frame-ancestors 'none'");
    if (request.url.startsWith('/v1/')) setUnlessSet(reply, 'Cache-Control', 'no-store');
  });
}

/** Of a refused body, and how long the next piece of it may take. */
const maxDrainedBytes = 64 * 1024 * 1024;
const drainIdleMs = 1_000;

/**
 * What is left of a body that is refused half-way is read and thrown away before the answer: it closes the connection,
 * and a caller who is still sending then sees a broken pipe instead of the 413. RFC 9112 section 9.6.
 */
export function drainRefusedBodies(fastify: FastifyInstance): void {
  fastify.addHook('onSend', async ({ raw }, reply) => {
    if (!raw.complete && reply.getHeader('Connection') === 'close') await drain(raw);
  });
}

function drain(request: IncomingMessage): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, drainIdleMs);
    const end = (): void => {
      clearTimeout(timer);
      resolve();
    };
    let drainedBytes = 0;
    request.on('data', (chunk: Buffer) => {
      drainedBytes += chunk.length;
      if (drainedBytes > maxDrainedBytes) end();
      else timer.refresh();
    });
    request.once('end', end).once('close', end).resume();
  });
}

function setUnlessSet(reply: FastifyReply, name: string, value: string): void {
  if (!reply.hasHeader(name)) reply.header(name, value);
}

const corsMethods = 'GET, POST, PATCH, DELETE';
const corsHeaders = 'Authorization, Content-Type, If-Match';
const corsExposed = 'ETag, Retry-After, X-Request-Id';

/** Pages of these origins may call; with none, which is the default, a browser lets no other page do so. */
export function allowOrigins(fastify: FastifyInstance, origins: readonly string[]): void {
  if (origins.length === 0) return;
  fastify.addHook('onRequest', (request, reply, done) => {
    const { origin } = request.headers;
    reply.header('Vary', 'Origin');
    if (origin === undefined || !origins.includes(origin)) {
      done();
      return;
    }
    reply.header('Access-Control-Allow-Origin', origin).header('Access-Control-Expose-Headers', corsExposed);
    if (request.method !== 'OPTIONS' || request.headers['access-control-request-method'] === undefined) {
      done();
      return;
    }
    reply
      .header('Access-Control-Allow-Methods', corsMethods)
      .header('Access-Control-Allow-Headers', corsHeaders)
      .header('Access-Control-Max-Age', '600');
    void reply.status(204).send();
  });
}

const clientErrors: Readonly<Record<string, readonly [number, string, string]>> = {
  HPE_HEADER_OVERFLOW: [
    431,
    'Request Header Fields Too Large',
    'the headers are larger than 16 KiB: send fewer',
  ],
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'Request Timeout', 'the request took too long to arrive: send it again'],
};

/** Answers what is no HTTP request at all, which no handler gets to see. */
export function answerClientError(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const code: ErrorCode = 'malformed_request';
  const [status, reason, detail] = clientErrors[error.code ?? ''] ?? [
    400,
    'Bad Request',
    'this is no HTTP request',
  ];
  const body = JSON.stringify({
    type: `urn:postrider:problem:${code}`,
    title: errorCatalogue[code].title,
    ...{ status, detail, code, errors: [] },
  });
  const head = [
    `HTTP/1.1 ${status} ${reason}`,
    'Content-Type: application/problem+json; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}
