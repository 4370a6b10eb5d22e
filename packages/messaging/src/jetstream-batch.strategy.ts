// JetStream as a Nest transport: an ordinary @EventPattern method gets a batch of messages, and its promise decides
// whether they are acknowledged. (Nest's own NATS transport is core NATS: publish and forget.)
import { Server, type CustomTransportStrategy } from '@nestjs/microservices';
import { isObservable, lastValueFrom } from 'rxjs';
import type { Messaging } from './connection.js';
import { PullConsumer, type PulledMessage, type PullOptions } from './pull-consumer.js';

export type BatchOptions = Omit<PullOptions, 'onBatch' | 'onError'>;

/** Handlers are registered as `@EventPattern(<stream>)`, e.g. `@EventPattern('events')`, and get a PulledMessage[]. */
export class JetStreamBatchStrategy extends Server implements CustomTransportStrategy {
  // A handler's failure must reach the consumer: it makes the batch come again.
  override readonly propagatesEventHandlerErrors = true;
  private readonly consumers: PullConsumer[] = [];

  constructor(
    private readonly messaging: Messaging,
    private readonly batches: readonly BatchOptions[],
    private readonly onError: (what: string, error: unknown) => void,
  ) {
    super();
  }

  listen(callback: (error?: unknown) => void): void {
    for (const options of this.batches) {
      const handler = this.messageHandlers.get(options.stream);
      if (handler === undefined) {
        callback(new Error(`no @EventPattern('${options.stream}') handles the batches of that stream`));
        return;
      }
      const onBatch = async (messages: PulledMessage[]): Promise<void> => {
        const result: unknown = await handler(messages);
        if (isObservable(result)) await lastValueFrom(result, { defaultValue: undefined });
      };
      const consumer = new PullConsumer(this.messaging, { ...options, onBatch, onError: this.onError });
      this.consumers.push(consumer);
      consumer.start();
    }
    callback();
  }

  async close(): Promise<void> {
    await Promise.all(this.consumers.map((consumer) => consumer.stop()));
  }

  on(): void {
    throw new Error('JetStreamBatchStrategy has no events of its own: see Messaging.onStatus');
  }

  unwrap<T>(): T {
    return this.messaging as T;
  }
}
