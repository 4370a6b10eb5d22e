// The open streams of this process: heartbeats, and their end. WHATWG HTML, section 9.2 (server-sent events).
import { PassThrough, type Readable } from 'node:stream';

const heartbeatMs = 15_000;
/** A reader that lets so much pile up is cut off: it connects again and reads the list. */
const maxUnreadBytes = 1_048_576;

export interface LiveStream {
  readonly body: Readable;
  send(event: string, data: unknown): void;
  onEnd(handler: () => void): void;
}

export class LiveStreams {
  private readonly bodies = new Set<PassThrough>();

  /** `check` is asked with every heartbeat: where it fails, whoever reads may do so no longer. */
  open(check: () => Promise<unknown>): LiveStream {
    const body = new PassThrough();
    this.bodies.add(body);
    // The first bytes carry the headers to the reader.
    body.write('retry: 3000\n: watching\n\n');
    const timer = setInterval(() => {
      check().then(
        () => write(body, ': still here\n\n'),
        () => body.end(),
      );
    }, heartbeatMs);
    body.once('close', () => {
      clearInterval(timer);
      this.bodies.delete(body);
    });
    return {
      body,
      send: (event, data) => write(body, `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`),
      onEnd: (handler) => body.once('close', handler),
    };
  }

  /** A stream never ends by itself: at a shutdown its reader is sent to another instance. */
  close(): void {
    for (const body of this.bodies) body.end();
  }
}

function write(body: PassThrough, text: string): void {
  if (body.writableEnded || body.destroyed) return;
  if (body.writableLength + body.readableLength > maxUnreadBytes) body.destroy();
  else body.write(text);
}
