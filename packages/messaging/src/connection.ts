// A connection to NATS that outlives NATS: it comes up in the background, reconnects for ever, and says how it is.
import {
  connect,
  createInbox,
  type ConnectionOptions,
  type NatsConnection,
  type Msg,
  type Subscription,
} from '@nats-io/transport-node';
import { MessagingAwayError } from './errors.js';
import { serviceUsers } from './users.js';

export interface MessagingOptions {
  /** `nats://user:password@host:4222`, several separated by commas. */
  readonly natsUrl: string;
  /** Shown in the server's connection list. */
  readonly name: string;
  /**
   * Copies of what is kept on disk, on a NATS cluster: 1, 3 or 5. Not given: what is made gets one, what is there stays as
   * it is.
   */
  readonly replicas?: number | undefined;
  readonly onStatus: (status: MessagingStatus) => void;
}

export type MessagingStatus =
  | { readonly type: 'connected' | 'disconnected' | 'reconnected' | 'closed' }
  | { readonly type: 'error'; readonly message: string };

/** nats.js takes credentials beside the servers, not in their URLs. */
export function connectionOptions(natsUrl: string, name: string): ConnectionOptions {
  const urls = natsUrl.split(',').map((part) => {
    try {
      return new URL(part.trim());
    } catch {
      // Not the URL itself: it may hold a password.
      throw new Error('NATS_URL has a part that is no URL such as nats://user:password@host:4222');
    }
  });
  const withUser = urls.find((url) => url.username !== '');
  return {
    servers: urls.map((url) => url.host),
    name,
    ...(withUser === undefined
      ? {}
      : {
          user: decodeURIComponent(withUser.username),
          pass: decodeURIComponent(withUser.password),
          inboxPrefix: inboxPrefix(decodeURIComponent(withUser.username)),
        }),
    ...(urls.some((url) => url.protocol === 'tls:') ? { tls: {} } : {}),
    maxReconnectAttempts: -1,
    reconnectTimeWait: 250,
    reconnectJitter: 250,
    pingInterval: 5_000,
    maxPingOut: 2,
    // A fresh password or a restarted server with other users must not end the connection for good.
    ignoreAuthErrorAbort: true,
    // Else each request makes an error with a stack beforehand, should it fail: 1 % of a busy dispatcher.
    noAsyncTraces: true,
  };
}

/** Each service hears answers below a subject of its own, so that no other user can listen in (permissions.ts). */
export function inboxPrefix(user: string): string {
  return (serviceUsers as readonly string[]).includes(user) ? `_SVC.${user}` : '_INBOX';
}

const pauseBetweenConnectsMs = 500;

/**
 * The first connect, tried until it works; `onError` is told why it does not, each reason once in a row. (nats.js can
 * wait by itself, but then it neither says why nor stops when it is told to.) Null when closing before it worked.
 */
export async function connectForEver(
  natsUrl: string,
  name: string,
  { isClosing, onError }: { isClosing: () => boolean; onError: (message: string) => void },
): Promise<NatsConnection | null> {
  const options = connectionOptions(natsUrl, name);
  let lastMessage = '';
  while (!isClosing()) {
    try {
      const connection = await connect(options);
      if (!isClosing()) return connection;
      await connection.close();
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      if (message !== lastMessage) onError(message);
      lastMessage = message;
      await new Promise((resolve) => setTimeout(resolve, pauseBetweenConnectsMs));
    }
  }
  return null;
}

export class Messaging {
  private connection: NatsConnection | null = null;
  private up = false;
  private closing = false;
  private readonly connectedHandlers: (() => void)[] = [];

  private constructor(private readonly options: MessagingOptions) {}

  /**
   * Begins to connect and waits for it `waitMs` at most: a service starts without NATS too, and says so in its readiness.
   */
  static async open(options: MessagingOptions, waitMs = 5_000): Promise<Messaging> {
    const messaging = new Messaging(options);
    const connected = messaging.connect();
    let timer: NodeJS.Timeout | undefined;
    const waited = new Promise((resolve) => {
      timer = setTimeout(resolve, waitMs);
    });
    await Promise.race([connected, waited]).finally(() => clearTimeout(timer));
    return messaging;
  }

  private async connect(): Promise<void> {
    this.connection = await connectForEver(this.options.natsUrl, this.options.name, {
      isClosing: () => this.closing,
      onError: (message) => this.options.onStatus({ type: 'error', message }),
    });
    if (this.connection === null) return;
    this.up = true;
    this.options.onStatus({ type: 'connected' });
    this.runConnectedHandlers();
    void this.followStatus(this.connection);
  }

  private async followStatus(connection: NatsConnection): Promise<void> {
    for await (const status of connection.status()) {
      if (status.type === 'disconnect') {
        this.up = false;
        this.options.onStatus({ type: 'disconnected' });
      } else if (status.type === 'reconnect') {
        this.up = true;
        this.options.onStatus({ type: 'reconnected' });
        this.runConnectedHandlers();
      } else if (status.type === 'error') {
        this.options.onStatus({ type: 'error', message: status.error.message });
      }
    }
    this.up = false;
    this.options.onStatus({ type: 'closed' });
  }

  private runConnectedHandlers(): void {
    for (const handler of this.connectedHandlers) handler();
  }

  /** Runs `handler` now if connected, and after every (re)connect. */
  onConnected(handler: () => void): void {
    this.connectedHandlers.push(handler);
    if (this.up) handler();
  }

  get isConnected(): boolean {
    return this.up;
  }

  /** Copies of what is kept on disk; undefined: as it is, or one. */
  get replicas(): number | undefined {
    return this.options.replicas;
  }

  /** The server's limit on a message in bytes. */
  get maxPayloadBytes(): number {
    return this.connection?.info?.max_payload ?? 1_048_576;
  }

  /** The connection; throws MessagingAwayError before the first connect. */
  get nats(): NatsConnection {
    if (this.connection === null) throw new MessagingAwayError('NATS has not been reached yet');
    return this.connection;
  }

  /**
   * Publishes at most once: what matters is in PostgreSQL. While NATS is away it is dropped rather than buffered
   * (answers false), since what is stale by the time of the reconnect would only cost time.
   */
  publish(subject: string, payload: Uint8Array | string, reply?: string): boolean {
    if (!this.up || this.connection === null) return false;
    try {
      this.connection.publish(subject, payload, reply === undefined ? {} : { reply });
      return true;
    } catch {
      // It is being closed.
      return false;
    }
  }

  /** Asks one instance of a service; throws MessagingAwayError when nobody answers in time. */
  async request(subject: string, payload: Uint8Array | string, timeoutMs: number): Promise<Uint8Array> {
    if (!this.up) throw new MessagingAwayError(`NATS is away: ${subject} was not asked`);
    try {
      const reply = await this.nats.request(subject, payload, { timeout: timeoutMs });
      return reply.data;
    } catch (error) {
      throw new MessagingAwayError(
        `no answer to ${subject}: ${error instanceof Error ? error.message : String(error)}`,
      );
    }
  }

  /**
   * Calls `handler` per message, from the first connect on and across reconnects; what it throws is told to `onStatus`.
   * Answers what ends it.
   */
  subscribe(subject: string, handler: (message: Msg) => void): () => void {
    let subscription: Subscription | null = null;
    let ended = false;
    this.onConnected(() => {
      if (subscription !== null || ended) return;
      subscription = this.nats.subscribe(subject, {
        callback: (error, message) => {
          if (error === null) this.guard(subject, () => handler(message));
        },
      });
    });
    return () => {
      ended = true;
      if (subscription?.isClosed() === false) subscription.unsubscribe();
    };
  }

  /** An error that leaves a callback ends nats.js's reader: the connection looks fine and hears nothing any more. */
  private guard(subject: string, run: () => void): void {
    try {
      run();
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      this.options.onStatus({ type: 'error', message: `the handler of ${subject} failed: ${why}` });
    }
  }

  /** A new subject for answers to this connection. */
  newInbox(): string {
    return createInbox(inboxPrefix(this.user));
  }

  private get user(): string {
    const [first] = this.options.natsUrl.split(',');
    return decodeURIComponent(new URL(first ?? '').username);
  }

  /** Everything published so far has reached the server. */
  async flush(): Promise<void> {
    if (this.up) await this.nats.flush();
  }

  /** Sends what is buffered and closes. */
  async close(): Promise<void> {
    this.closing = true;
    const connection = this.connection;
    if (connection === null) return;
    if (this.up) await connection.drain().catch(() => connection.close());
    else await connection.close();
  }
}
