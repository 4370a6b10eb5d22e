// Sends spans to an OTLP/HTTP receiver, many at once, behind the back of the work: a receiver that is slow or away costs
// spans, never deliveries.
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { counter } from '../metrics.js';
import { encodeSpans, type Resource } from './otlp-spans.js';
import type { Span } from './span.js';

export interface ExporterOptions {
  /** Base address; `/v1/traces` is added. */
  readonly endpoint: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly resource: Resource;
  /** Told of trouble at most once a minute. */
  readonly onError: (error: unknown) => void;
}

const maxWaiting = 20_000;
const maxPerRequest = 512;
const everyMs = 1_000;
const timeoutMs = 5_000;
/** OTLP: these may be tried again. */
const passing = new Set([429, 502, 503, 504]);
const errorEveryMs = 60_000;
const closeLimitMs = 3_000;

let spans: ReturnType<typeof counter<'result'>> | null = null;

/** There only once there are traces. */
function spansCounter(): NonNullable<typeof spans> {
  spans ??= counter(
    'postrider_spans_total',
    'Spans of traces: sent, or dropped because the OTLP receiver did not take them in time',
    ['result'],
  );
  return spans;
}

export class OtlpExporter {
  private waiting: Span[] = [];
  private sending: Promise<void> | null = null;
  private timer: NodeJS.Timeout | null = null;
  private toldAt = -Infinity;
  /** Then the next try waits for its second. */
  private isFailing = false;
  private readonly url: URL;
  private readonly spans = spansCounter();

  constructor(private readonly options: ExporterOptions) {
    this.url = new URL(`${options.endpoint.replace(/\/+$/, '')}/v1/traces`);
  }

  add(span: Span): void {
    if (this.waiting.length >= maxWaiting) {
      this.spans.inc({ result: 'dropped' });
      return;
    }
    this.waiting.push(span);
    if (this.waiting.length >= maxPerRequest && !this.isFailing) this.flush();
    else this.timer ??= setTimeout(() => this.flush(), everyMs).unref();
  }

  async close(): Promise<void> {
    const late = new Promise<void>((resolve) => setTimeout(resolve, closeLimitMs).unref());
    const sent = (async () => {
      await this.sending;
      while (this.waiting.length > 0 && !this.isFailing) {
        this.flush();
        await this.sending;
      }
    })();
    await Promise.race([sent, late]);
    if (this.timer !== null) clearTimeout(this.timer);
  }

  private flush(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
    if (this.sending !== null || this.waiting.length === 0) return;
    const batch = this.waiting.splice(0, maxPerRequest);
    this.sending = this.send(batch).finally(() => {
      this.sending = null;
      if (this.waiting.length >= maxPerRequest && !this.isFailing) this.flush();
      else if (this.waiting.length > 0) this.timer ??= setTimeout(() => this.flush(), everyMs).unref();
    });
  }

  /** Never rejects. What may pass is tried again a second later, as long as there is room. */
  private async send(batch: readonly Span[]): Promise<void> {
    try {
      const status = await this.post(encodeSpans(this.options.resource, batch));
      this.isFailing = passing.has(status);
      if (status >= 200 && status < 300) {
        this.spans.inc({ result: 'sent' }, batch.length);
        return;
      }
      this.tell(new Error(`the OTLP receiver answered ${status}`));
    } catch (error) {
      this.isFailing = true;
      this.tell(error);
    }
    const kept = this.isFailing ? batch.slice(0, Math.max(0, maxWaiting - this.waiting.length)) : [];
    this.waiting = [...kept, ...this.waiting];
    this.spans.inc({ result: 'dropped' }, batch.length - kept.length);
  }

  private tell(error: unknown): void {
    const now = performance.now();
    if (now - this.toldAt < errorEveryMs) return;
    this.toldAt = now;
    this.options.onError(error);
  }

  private post(body: string): Promise<number> {
    const send = this.url.protocol === 'https:' ? httpsRequest : httpRequest;
    return new Promise((resolve, reject) => {
      const request = send(
        this.url,
        {
          method: 'POST',
          headers: { ...this.options.headers, 'Content-Type': 'application/json' },
          signal: AbortSignal.timeout(timeoutMs),
        },
        (response) => {
          response.resume();
          response.once('error', reject);
          response.once('end', () => resolve(response.statusCode ?? 0));
        },
      );
      request.once('error', reject);
      request.end(body);
    });
  }
}
