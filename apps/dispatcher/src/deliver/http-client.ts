// Sends one signed request and reports what came of it, within a total deadline from DNS to the last byte read.
import type { Dispatcher } from 'undici';
import { failureOf, timeoutOf, type DeliveryFailure } from './error-codes.policy.js';
import type { Connection, OriginPool } from './origin-pool.js';

export const maxResponseBytes = 16_384;

export interface OutgoingRequest {
  readonly origin: string;
  /** Path and query. */
  readonly path: string;
  /** Names and values, alternating. */
  readonly headers: string[];
  readonly body: Buffer;
  readonly timeoutSeconds: number;
}

export interface ReceivedResponse {
  readonly statusCode: number;
  /** Names and values, alternating, as received. */
  readonly rawHeaders: readonly Buffer[];
  /** The first 16 KiB. */
  readonly body: Buffer;
  /** There was more, or it broke off. */
  readonly truncated: boolean;
}

export interface DeliveryResult {
  readonly startedAt: number;
  readonly durationMs: number;
  readonly response: ReceivedResponse | null;
  /** null exactly where the attempt was received (2xx). */
  readonly failure: DeliveryFailure | null;
}

export class HttpClient {
  constructor(
    private readonly pool: OriginPool,
    private readonly now: () => number = Date.now,
  ) {}

  /** Never rejects. */
  send(request: OutgoingRequest): Promise<DeliveryResult> {
    return new Promise((resolve) => {
      new Exchange(this.pool, request, this.now, resolve).begin();
    });
  }
}

/** One attempt: usually one request, two where a reused connection turned out to be closed. */
class Exchange implements Dispatcher.DispatchHandler {
  private readonly startedAt: number;
  private readonly startedHr = performance.now();
  private readonly deadline: NodeJS.Timeout;
  private connection: Connection;
  private wasReused = false;
  private bytesReadBefore = 0;
  private hasRetried = false;
  private done = false;
  private statusCode = 0;
  private rawHeaders: readonly Buffer[] = [];
  private chunks: Buffer[] = [];
  private bodyBytes = 0;

  constructor(
    private readonly pool: OriginPool,
    private readonly request: OutgoingRequest,
    now: () => number,
    private readonly resolve: (result: DeliveryResult) => void,
  ) {
    this.startedAt = now();
    this.connection = pool.acquire(request.origin);
    this.deadline = setTimeout(() => this.onDeadline(), request.timeoutSeconds * 1000);
  }

  begin(): void {
    this.wasReused = this.connection.isReused;
    this.bytesReadBefore = this.connection.socket?.bytesRead ?? 0;
    this.connection.expectAnswer();
    try {
      this.connection.client.dispatch(
        {
          path: this.request.path,
          method: 'POST',
          headers: this.request.headers,
          body: this.request.body,
        },
        this,
      );
    } catch (error) {
      // undici refuses what it can't send, such as a header value with bytes that HTTP forbids.
      this.fail(failureOf(error, 'open'), false);
    }
  }

  // ── undici's handler ──────────────────────────────────────────────────────────────────────────────────────────
  onConnect(): void {
    // The deadline destroys the connection: nothing to keep.
  }

  onHeaders(statusCode: number, rawHeaders: Buffer[]): boolean {
    if (statusCode < 200) return true;
    this.connection.gotHeaders();
    this.statusCode = statusCode;
    this.rawHeaders = rawHeaders;
    return true;
  }

  onData(chunk: Buffer): boolean {
    if (this.done) return true;
    const room = maxResponseBytes - this.bodyBytes;
    // undici reuses its buffer: what is kept must be copied.
    this.chunks.push(Buffer.from(chunk.subarray(0, room)));
    this.bodyBytes += Math.min(room, chunk.length);
    if (chunk.length > room) this.answered(true);
    return true;
  }

  onComplete(): void {
    if (!this.done) this.answered(false);
  }

  onUpgrade(): void {
    this.fail(
      { code: 'invalid_response', message: 'the receiver wants to speak another protocol (101)' },
      false,
    );
  }

  onError(error: Error): void {
    if (this.done) return;
    if (this.statusCode >= 200 && this.statusCode < 300) {
      // With the headers of a 2xx the attempt has succeeded: what goes wrong with the body is no failure.
      this.answered(true);
      return;
    }
    if (this.isStaleConnection(error)) {
      this.hasRetried = true;
      this.connection.destroy();
      this.connection = this.pool.fresh(this.request.origin);
      this.begin();
      return;
    }
    this.fail(describe(error, this.connection), this.statusCode >= 200);
  }

  /** The receiver had closed a connection that was kept alive: not one byte came, so nothing was begun there. */
  private isStaleConnection(error: Error): boolean {
    if (!this.wasReused || this.hasRetried || this.statusCode !== 0) return false;
    const code = (error as { code?: unknown }).code;
    const isReset = code === 'ECONNRESET' || code === 'EPIPE' || code === 'UND_ERR_SOCKET';
    return isReset && (this.connection.socket?.bytesRead ?? 0) === this.bytesReadBefore;
  }

  // ── the end, one way or another ───────────────────────────────────────────────────────────────────────────────
  /**
   * Timers go before sockets in Node's event loop: where this process was too busy to read in time, an answer that is
   * there already counts, whatever the clock says by now.
   */
  private onDeadline(): void {
    setImmediate(() => this.judgeDeadline());
  }

  private judgeDeadline(): void {
    if (this.done) return;
    const hasHeaders = this.statusCode >= 200;
    if (hasHeaders && this.statusCode < 300) {
      this.answered(true);
      return;
    }
    this.fail(timeoutOf(this.connection.phase, hasHeaders, this.request.timeoutSeconds), hasHeaders);
  }

  private answered(truncated: boolean): void {
    this.settle(statusFailure(this.statusCode), true, truncated);
    if (truncated) this.connection.destroy();
    else this.pool.release(this.connection);
  }

  private fail(failure: DeliveryFailure, hasHeaders: boolean): void {
    // What the status says comes first where it says more than that the rest is missing.
    const isRedirect = this.statusCode >= 300 && this.statusCode < 400;
    this.settle(isRedirect ? statusFailure(this.statusCode) : failure, hasHeaders, true);
    this.connection.destroy();
  }

  private settle(failure: DeliveryFailure | null, hasHeaders: boolean, truncated: boolean): void {
    if (this.done) return;
    this.done = true;
    clearTimeout(this.deadline);
    const [first] = this.chunks;
    this.resolve({
      startedAt: this.startedAt,
      durationMs: Math.round(performance.now() - this.startedHr),
      failure,
      response: hasHeaders
        ? {
            statusCode: this.statusCode,
            rawHeaders: this.rawHeaders,
            body: this.chunks.length === 1 && first !== undefined ? first : Buffer.concat(this.chunks),
            truncated,
          }
        : null,
    });
  }
}

function statusFailure(statusCode: number): DeliveryFailure | null {
  if (statusCode >= 200 && statusCode < 300) return null;
  if (statusCode >= 300 && statusCode < 400) {
    return {
      code: 'redirect',
      message: `the receiver answered ${statusCode}: redirects are not followed, set the final URL`,
    };
  }
  return { code: 'http_status', message: `the receiver answered ${statusCode}` };
}

function describe(error: Error, connection: Connection): DeliveryFailure {
  if (error.message === 'bad response' || error.message === 'bad upgrade') {
    return {
      code: 'invalid_response',
      message: 'the receiver sent an answer of another kind (1xx) than the request asks for',
    };
  }
  return failureOf(error, connection.phase);
}
