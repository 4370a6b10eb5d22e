// Sends a request once more as it was sent, to another address: same body, same headers.
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { SentRequest } from '@postrider/contracts';

export interface Forwarded {
  readonly StatusCode: number | null;
  readonly Error: string | null;
  readonly DurationMs: number;
}

const timeoutMs = 30_000;

/** What belongs to the connection is made anew; what the log masks is not known here. */
const leftOut = new Set(['host', 'connection', 'content-length', 'transfer-encoding', 'authorization']);

export function forward(
  url: string,
  { Headers, Body }: SentRequest,
  authorization: string | undefined,
): Promise<Forwarded> {
  const body = Buffer.from(Body, 'utf8');
  const headers = Object.fromEntries(
    Object.entries(Headers).filter(([name]) => !leftOut.has(name.toLowerCase())),
  );
  if (authorization !== undefined) headers['Authorization'] = authorization;
  const begun = performance.now();
  const took = (): number => Math.round(performance.now() - begun);
  const send = url.startsWith('https:') ? httpsRequest : httpRequest;
  return new Promise((resolve) => {
    const fail = (error: Error): void =>
      resolve({ StatusCode: null, Error: reasonOf(error, url), DurationMs: took() });
    const options = { method: 'POST', headers: { ...headers, 'Content-Length': body.length } };
    const request = send(url, { ...options, signal: AbortSignal.timeout(timeoutMs) }, (response) => {
      response.resume();
      response.once('error', fail);
      response.once('end', () =>
        resolve({ StatusCode: response.statusCode ?? null, Error: null, DurationMs: took() }),
      );
    });
    request.once('error', fail);
    request.end(body);
  });
}

function reasonOf(error: Error, url: string): string {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ECONNREFUSED') return `nothing listens at ${url}: start your app`;
  if (code === 'ENOTFOUND') return `the host of ${url} is not known`;
  if (error.name === 'AbortError' || error.name === 'TimeoutError')
    return `no answer within ${timeoutMs / 1_000} s`;
  return error.message === '' ? (code ?? 'failed') : error.message;
}
