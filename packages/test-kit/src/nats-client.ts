// A NATS client of some sixty lines, for publishing in tests: what proves the services must not lean on their own client.
import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';

export interface PublishAck {
  readonly stream: string;
  readonly seq: number;
  readonly duplicate?: boolean;
}

export interface NatsClient {
  /** Publishes to JetStream; resolves with its ack, rejects when it refuses or none comes in `timeoutMs` (default 5,000). */
  publish(subject: string, payload: string | Uint8Array, options?: PublishOptions): Promise<PublishAck>;
  close(): void;
}

export interface PublishOptions {
  readonly msgId?: string;
  /** Further headers of the message. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly timeoutMs?: number;
}

interface Waiting {
  readonly resolve: (ack: PublishAck) => void;
  readonly reject: (error: Error) => void;
}

class Connection implements NatsClient {
  private buffer = Buffer.alloc(0);
  private readonly inbox = `_INBOX.${randomBytes(11).toString('hex')}`;
  private readonly waiting = new Map<string, Waiting>();
  private count = 0;

  constructor(
    private readonly socket: Socket,
    private readonly url: URL,
    private readonly opened: Waiting,
  ) {
    socket.on('data', (chunk: Buffer) => this.read(chunk));
    socket.on('error', (error) => this.fail(error));
    socket.on('close', () => this.fail(new Error('NATS closed the connection')));
  }

  private fail(error: Error): void {
    this.opened.reject(error);
    for (const { reject } of this.waiting.values()) reject(error);
    this.waiting.clear();
  }

  private read(chunk: Buffer): void {
    this.buffer = Buffer.concat([this.buffer, chunk]);
    for (;;) {
      const end = this.buffer.indexOf('\r\n');
      if (end < 0) return;
      const [verb = '', ...words] = this.buffer.toString('utf8', 0, end).split(' ');
      const size = verb === 'MSG' || verb === 'HMSG' ? Number(words.at(-1)) : -1;
      const next = end + 2 + (size < 0 ? 0 : size + 2);
      if (this.buffer.length < next) return;
      const payload = size < 0 ? '' : this.buffer.toString('utf8', end + 2, end + 2 + size);
      this.buffer = this.buffer.subarray(next);
      this.handle(verb, words, payload);
    }
  }

  private handle(verb: string, words: readonly string[], payload: string): void {
    if (verb === 'INFO') this.logIn();
    else if (verb === 'PING') this.socket.write('PONG\r\n');
    else if (verb === 'PONG') this.opened.resolve({ stream: '', seq: 0 });
    else if (verb === '-ERR') this.fail(new Error(`NATS: ${words.join(' ')}`));
    else if (verb === 'MSG' || verb === 'HMSG') this.settle(words[0] ?? '', payload);
  }

  private logIn(): void {
    const credentials = {
      user: decodeURIComponent(this.url.username),
      pass: decodeURIComponent(this.url.password),
    };
    const options = {
      verbose: false,
      headers: true,
      no_responders: true,
      ...(this.url.username ? credentials : {}),
    };
    this.socket.write(`CONNECT ${JSON.stringify(options)}\r\nSUB ${this.inbox}.* 1\r\nPING\r\n`);
  }

  private settle(subject: string, payload: string): void {
    const waiting = this.waiting.get(subject);
    if (waiting === undefined) return;
    if (!payload.startsWith('{')) {
      waiting.reject(new Error(`JetStream did not answer: ${payload.trim()}`));
      return;
    }
    const answer = JSON.parse(payload) as PublishAck & { error?: { description: string } };
    if (answer.error) waiting.reject(new Error(`JetStream refused: ${answer.error.description}`));
    else waiting.resolve(answer);
  }

  publish(subject: string, payload: string | Uint8Array, options: PublishOptions = {}): Promise<PublishAck> {
    const { msgId, timeoutMs = 5_000 } = options;
    const given = { ...(msgId !== undefined && { 'Nats-Msg-Id': msgId }), ...options.headers };
    const lines = Object.entries(given).map(([name, value]) => `${name}: ${value}\r\n`);
    const reply = `${this.inbox}.${(this.count += 1)}`;
    const headers = lines.length === 0 ? '' : `NATS/1.0\r\n${lines.join('')}\r\n`;
    const headersSize = Buffer.byteLength(headers);
    const size = headersSize + Buffer.byteLength(payload);
    const command =
      headers === '' ? `PUB ${subject} ${reply} ${size}` : `HPUB ${subject} ${reply} ${headersSize} ${size}`;
    return new Promise<PublishAck>((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new Error(`no ack for ${subject} in ${timeoutMs} ms`)),
        timeoutMs,
      );
      const settled =
        <T>(settle: (value: T) => void) =>
        (value: T) => {
          clearTimeout(timer);
          this.waiting.delete(reply);
          settle(value);
        };
      this.waiting.set(reply, { resolve: settled(resolve), reject: settled(reject) });
      this.socket.write(
        Buffer.concat([Buffer.from(`${command}\r\n${headers}`), Buffer.from(payload), Buffer.from('\r\n')]),
      );
    });
  }

  close(): void {
    this.socket.destroy();
  }
}

/** Logs in with the credentials of the URL; rejects when the server is away or refuses them. */
export function connectNats(natsUrl: string): Promise<NatsClient> {
  const url = new URL(natsUrl);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(url.port || 4222), url.hostname);
    const connection = new Connection(socket, url, { resolve: () => resolve(connection), reject });
  });
}
