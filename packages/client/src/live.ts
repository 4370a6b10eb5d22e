// The live stream: server-sent events (WHATWG HTML, section 9.2) over fetch, since EventSource can't send a key.
import type { LiveDeliveries } from '@postrider/contracts';
import { PostriderApiError } from './errors.js';
import { sleep, type Transport } from './transport.js';

export interface LiveOptions {
  /** Deliveries of this webhook alone. */
  readonly WebhookId?: string;
  /** Ends the stream. */
  readonly signal?: AbortSignal;
  /** The stream stands, for the first time or again: what changed in between shows in the list of deliveries. */
  readonly onOpen?: (info: { readonly isAgain: boolean }) => void;
  /** The stream has broken and is opened anew after so many ms. */
  readonly onBreak?: (info: { readonly error: unknown; readonly waitMs: number }) => void;
}

/** Comments come every 15 s: a stream that is silent for so long is dead, whatever the socket says. */
const silenceMs = 45_000;
const longestWaitMs = 30_000;

/**
 * Deliveries as they change, until `signal` aborts; reconnects by itself. Throws PostriderApiError where trying again
 * would not help (no key, no right, no such organization).
 */
export async function* liveDeliveries(
  transport: Transport,
  path: string,
  options: LiveOptions,
): AsyncGenerator<LiveDeliveries> {
  const { signal } = options;
  let failures = 0;
  const isAborted = (): boolean => signal?.aborted === true;
  for (let opened = 0; !isAborted();) {
    let error: unknown = new Error('the server ended the stream');
    try {
      for await (const message of oneStream(transport, path, options, () => {
        failures = 0;
        options.onOpen?.({ isAgain: opened > 0 });
        opened += 1;
      })) {
        yield message;
      }
    } catch (caught) {
      if (caught instanceof PostriderApiError && ![429, 500, 502, 503, 504].includes(caught.status))
        throw caught;
      error = caught;
    }
    if (isAborted()) return;
    failures += 1;
    const waitMs = Math.min(longestWaitMs, 500 * 2 ** Math.min(failures - 1, 6));
    options.onBreak?.({ error, waitMs });
    await sleep(waitMs, signal);
  }
}

async function* oneStream(
  transport: Transport,
  path: string,
  { WebhookId, signal }: LiveOptions,
  onOpen: () => void,
): AsyncGenerator<LiveDeliveries> {
  const silence = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const heard = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => silence.abort(new Error(`nothing came for ${silenceMs / 1_000} s`)), silenceMs);
  };
  const either = signal === undefined ? silence.signal : AbortSignal.any([silence.signal, signal]);
  heard();
  try {
    const headers = { Accept: 'text/event-stream' };
    const response = await transport.open(
      { method: 'GET', path, query: { WebhookId }, headers, signal },
      either,
    );
    if (response.body === null) return;
    onOpen();
    const reader = response.body.getReader();
    const decoder = new TextDecoder();
    const parser = new EventStreamParser();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      heard();
      for (const { event, data } of parser.push(decoder.decode(value, { stream: true }))) {
        if (event === 'deliveries') yield JSON.parse(data) as LiveDeliveries;
      }
    }
  } finally {
    clearTimeout(timer);
    // Closes the connection where the reader has left in the middle.
    silence.abort();
  }
}

export interface StreamEvent {
  readonly event: string;
  readonly data: string;
}

/** Cuts text as it comes into events; lines end in LF, CR LF or CR, and may come in pieces. */
export class EventStreamParser {
  private rest = '';
  private event = '';
  private data: string[] = [];

  push(text: string): StreamEvent[] {
    const events: StreamEvent[] = [];
    this.rest += text;
    for (;;) {
      // A CR at the very end may be the first half of CR LF.
      const end = /\r\n|\n|\r(?!$)/.exec(this.rest);
      if (end === null) return events;
      const line = this.rest.slice(0, end.index);
      this.rest = this.rest.slice(end.index + end[0].length);
      if (line === '') {
        if (this.data.length > 0) events.push({ event: this.event || 'message', data: this.data.join('\n') });
        this.event = '';
        this.data = [];
        continue;
      }
      const [, field, value = ''] = /^([^:]*)(?:: ?(.*))?$/s.exec(line) ?? [];
      if (field === 'event') this.event = value;
      else if (field === 'data') this.data.push(value);
    }
  }
}
