// Nest's NATS transport as the services need it. Nest's own server closes its connection under the requests that it is
// answering, listens on subjects of handlers that belong to other transports, and gives up on the first refused connect.
import type { NatsConnection, Subscription } from '@nats-io/transport-node';
import { ServerNats, type CustomStrategy, type MessageHandler } from '@nestjs/microservices';
import { connectForEver } from './connection.js';
import { failureReply } from './request-reply.js';

/** Options for `app.connectMicroservice`: @MessagePattern(subject) methods get and give bytes; instances share the work. */
export function requestReplyOptions(
  natsUrl: string,
  service: string,
): CustomStrategy & { strategy: RequestServer } {
  return { strategy: new RequestServer(natsUrl, service) };
}

/** How long `close` waits for the answers to requests that were taken; whoever asked has given up by then. */
const answerLimitMs = 10_000;

export class RequestServer extends ServerNats {
  private connection: NatsConnection | null = null;
  private connected = false;
  private closing = false;
  private queueSubscriptions: Subscription[] = [];
  private readonly unanswered = new Set<unknown>();
  private onAllAnswered: (() => void) | null = null;

  constructor(
    private readonly natsUrl: string,
    private readonly service: string,
  ) {
    super({
      deserializer: {
        deserialize: (value: unknown) => {
          const message = value as { readonly data: Uint8Array; readonly reply?: string };
          return { pattern: '', data: message.data, id: message.reply ?? '' };
        },
      },
      serializer: {
        serialize: (packet: unknown) => {
          const { response, err } = packet as { response?: Uint8Array; err?: unknown };
          return { data: response ?? failureReply(err) };
        },
      },
    });
    this.status.subscribe((status) => {
      this.connected = String(status) === 'connected';
    });
  }

  /** Requests reach this instance: for readiness. */
  get isConnected(): boolean {
    return this.connected && this.queueSubscriptions.length > 0;
  }

  /** Events of other transports (JetStream batches) are registered with every transport of the application. */
  override addHandler(
    pattern: unknown,
    callback: MessageHandler,
    isEventHandler = false,
    extras: Record<string, unknown> = {},
  ): void {
    if (!isEventHandler) super.addHandler(pattern, callback, isEventHandler, extras);
  }

  /** Resolves at the first connect, however long that takes; null when closed before. */
  override async createNatsClient(): Promise<NatsConnection | null> {
    this.connection = await connectForEver(this.natsUrl, `${this.service}-requests`, {
      isClosing: () => this.closing,
      onError: (message) => {
        this.logger.warn(`NATS is away: ${message}`);
      },
    });
    return this.connection;
  }

  override async handleStatusUpdates(client: NatsConnection | null): Promise<void> {
    if (client !== null) await super.handleStatusUpdates(client);
  }

  override bindEvents(client: NatsConnection | null): void {
    if (client === null) return;
    for (const subject of this.messageHandlers.keys()) {
      const take = this.getMessageHandler(subject) as (error: Error | null, message: unknown) => void;
      this.queueSubscriptions.push(
        // Instances of a service share the work.
        client.subscribe(subject, {
          queue: this.service,
          callback: (error, message) => {
            if (error === null && message.reply) this.unanswered.add(message);
            take(error, message);
          },
        }),
      );
    }
  }

  /** Up once the server knows of the subscriptions: whoever asks from then on is heard. */
  override start(callback: (error?: unknown) => void): void {
    this.bindEvents(this.connection);
    const flushed = this.connection?.flush() ?? Promise.resolve();
    flushed.then(() => callback(), callback);
  }

  override getPublisher(
    ...[message, id, context]: Parameters<ServerNats['getPublisher']>
  ): (response: unknown) => unknown {
    const publish = super.getPublisher(message, id, context);
    return (response) => {
      try {
        return publish(response) as unknown;
      } finally {
        this.unanswered.delete(message);
        if (this.unanswered.size === 0) this.onAllAnswered?.();
      }
    };
  }

  /** Takes no more requests, answers those it has, and closes the connection. */
  override async close(): Promise<void> {
    this.closing = true;
    const connection = this.connection;
    if (connection === null) return;
    this.connection = null;
    if (this.connected) {
      // Requests that the server has handed over already arrive before the drain ends.
      await Promise.allSettled(this.queueSubscriptions.map((subscription) => subscription.drain()));
      await this.allAnswered();
      await connection.flush().catch(() => undefined);
    }
    this.queueSubscriptions = [];
    await super.close();
  }

  private async allAnswered(): Promise<void> {
    if (this.unanswered.size === 0) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, answerLimitMs);
      this.onAllAnswered = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
