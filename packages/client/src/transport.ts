// One call over HTTP: the key, a deadline, problems as errors, and another try where it can do no harm.
import type { Problem } from '@postrider/contracts';
import { PostriderApiError, PostriderUnreachableError } from './errors.js';

export interface ClientOptions {
  /** Of config-api, such as `http://localhost:3000`; empty for a page that config-api itself has served. */
  readonly apiUrl: string;
  /** Of event-ingest, where events are published; default: `apiUrl`, for a gateway in front of both. */
  readonly ingestUrl?: string;
  /** The admin key or an API key; none where a session cookie does it (a browser). */
  readonly apiKey?: string;
  /** For one call from beginning to end, default 40,000 (a ping may take 30 s). */
  readonly timeoutMs?: number;
  /** Tries after the first of calls that can be repeated without harm, default 2. */
  readonly retries?: number;
  /** Default: the platform's. */
  readonly fetch?: typeof globalThis.fetch;
  /** Sent as User-Agent, where the platform lets it be set. */
  readonly userAgent?: string;
  /** Further headers, asked for at each call: a session's CSRF token, which changes with who is signed in. */
  readonly headers?: (method: Method) => Readonly<Record<string, string>>;
}

export type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE';

export type Query = Readonly<Record<string, string | number | boolean | undefined>>;

export interface Call {
  readonly method: Method;
  readonly path: string;
  readonly query?: Query;
  readonly body?: unknown;
  readonly contentType?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly door?: 'api' | 'ingest';
  /** May be sent again when it is not known what became of it. Default: GET alone. */
  readonly isSafe?: boolean;
  readonly signal?: AbortSignal | undefined;
}

/** RFC 7396. */
export const mergePatch = 'application/merge-patch+json';

/** Answers that say "later": the server has done nothing, or a proxy has not got through. */
const passingStatuses = new Set([429, 502, 503, 504]);
const longestWaitMs = 10_000;

export class Transport {
  private readonly fetch: typeof globalThis.fetch;

  constructor(private readonly options: ClientOptions) {
    this.fetch = options.fetch ?? ((input, init) => globalThis.fetch(input, init));
  }

  /** The JSON of the answer; undefined for 204. Throws PostriderApiError or PostriderUnreachableError. */
  async call<T>(call: Call): Promise<T> {
    const text = await this.callForText(call);
    return (text === '' ? undefined : JSON.parse(text)) as T;
  }

  /** The answer as it came, for what JSON.parse would change (digits, the order of keys); empty for 204. */
  async callForText(call: Call): Promise<string> {
    const tries = (call.isSafe ?? call.method === 'GET') ? 1 + (this.options.retries ?? 2) : 1;
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.once(call);
      } catch (error) {
        const waitMs = attempt < tries ? waitBeforeRetryMs(error, attempt) : null;
        if (waitMs === null || call.signal?.aborted === true) throw error;
        await sleep(waitMs, call.signal);
      }
    }
  }

  private async once(call: Call): Promise<string> {
    const timeoutMs = this.options.timeoutMs ?? 40_000;
    const late = AbortSignal.timeout(timeoutMs);
    const signal = call.signal === undefined ? late : AbortSignal.any([late, call.signal]);
    const reason = () => (late.aborted ? `it took longer than ${timeoutMs} ms` : null);
    const response = await this.open(call, signal, reason);
    return response.text().catch((error: unknown) => {
      throw unreachable(response.url, error, reason());
    });
  }

  /** The answer once its headers are there, for who reads the body as it comes. */
  async open(call: Call, signal: AbortSignal, reason: () => string | null = () => null): Promise<Response> {
    const url = this.urlOf(call);
    let response: Response;
    try {
      response = await this.fetch(url, {
        method: call.method,
        headers: this.headersOf(call),
        signal,
        ...(call.body === undefined
          ? {}
          : { body: typeof call.body === 'string' ? call.body : JSON.stringify(call.body) }),
      });
    } catch (error) {
      throw call.signal?.aborted === true ? error : unreachable(url, error, reason());
    }
    if (!response.ok) throw await problemOf(response);
    return response;
  }

  private urlOf({ path, query = {}, door = 'api' }: Call): string {
    const { apiUrl, ingestUrl = apiUrl } = this.options;
    const base = (door === 'api' ? apiUrl : ingestUrl).replace(/\/+$/, '');
    const parameters = Object.entries(query).filter(([, value]) => value !== undefined);
    const text = new URLSearchParams(parameters.map(([name, value]) => [name, String(value)])).toString();
    return `${base}${path}${text === '' ? '' : `?${text}`}`;
  }

  private headersOf({
    method,
    body,
    contentType = 'application/json',
    headers,
  }: Call): Record<string, string> {
    const { apiKey, userAgent } = this.options;
    return {
      Accept: 'application/json',
      ...(apiKey === undefined ? {} : { Authorization: `Bearer ${apiKey}` }),
      ...(userAgent === undefined ? {} : { 'User-Agent': userAgent }),
      ...(body === undefined ? {} : { 'Content-Type': contentType }),
      ...this.options.headers?.(method),
      ...headers,
    };
  }
}

async function problemOf(response: Response): Promise<PostriderApiError> {
  const text = await response.text().catch(() => '');
  let problem: Partial<Problem> = {};
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed === 'object' && parsed !== null) problem = parsed;
  } catch {
    problem = { detail: `the server answered ${response.status} ${response.statusText}`.trim() };
  }
  const after = Number(response.headers.get('retry-after') ?? NaN);
  return new PostriderApiError(response.status, problem, Number.isFinite(after) ? after : null);
}

function unreachable(url: string, error: unknown, known: string | null): PostriderUnreachableError {
  // fetch says no more than "fetch failed"; what happened stands in the cause.
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const code = (cause as { code?: unknown } | null)?.code;
  const told = cause instanceof Error ? cause.message : String(cause);
  const reason = known ?? (told === '' && typeof code === 'string' ? code : told);
  return new PostriderUnreachableError(url, reason, { cause: error });
}

/** Null: trying again would not help. */
function waitBeforeRetryMs(error: unknown, attempt: number): number | null {
  const backoffMs = 200 * 2 ** (attempt - 1) * (0.5 + Math.random());
  if (error instanceof PostriderUnreachableError) return backoffMs;
  if (!(error instanceof PostriderApiError) || !passingStatuses.has(error.status)) return null;
  const toldMs = (error.retryAfterSeconds ?? 0) * 1_000;
  return toldMs > longestWaitMs ? null : Math.max(toldMs, backoffMs);
}

export function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal?.addEventListener('abort', done);
    if (signal?.aborted === true) done();
  });
}
