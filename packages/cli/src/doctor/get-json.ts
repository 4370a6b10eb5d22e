import { get as httpGet } from 'node:http';
import { get as httpsGet } from 'node:https';

const timeoutMs = 5_000;
const maxBytes = 1_048_576;

export interface JsonAnswer {
  readonly status: number;
  readonly body: unknown;
}

/** Rejects where nothing answers in time; a body that is no JSON is null. */
export function getJson(url: string): Promise<JsonAnswer> {
  const get = url.startsWith('https:') ? httpsGet : httpGet;
  return new Promise((resolve, reject) => {
    const request = get(url, { signal: AbortSignal.timeout(timeoutMs) }, (response) => {
      const chunks: Buffer[] = [];
      let bytes = 0;
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes > maxBytes) request.destroy(new Error('the answer is too long'));
        else chunks.push(chunk);
      });
      response.once('error', reject);
      response.once('end', () => {
        let body: unknown = null;
        try {
          body = JSON.parse(Buffer.concat(chunks).toString('utf8'));
        } catch {
          // Whatever answers there, it is none of ours.
        }
        resolve({ status: response.statusCode ?? 0, body });
      });
    });
    request.once('error', (error) =>
      reject(error.name === 'AbortError' ? new Error(`no answer within ${timeoutMs / 1_000} s`) : error),
    );
  });
}
