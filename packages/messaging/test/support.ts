import { jetstreamManager } from '@nats-io/jetstream';
import { eventsStream, laneStream } from '@postrider/contracts';
import type { TestNats } from '@postrider/test-kit';
import { Messaging } from '../src/connection.js';
import { PullConsumer, type PulledMessage, type PullOptions } from '../src/pull-consumer.js';

export const organization = '0192f0c1-7a3b-7c4d-8e5f-000000000001';
export const topic = 'job.execution.failed';

export interface Collected {
  readonly messages: PulledMessage[];
  readonly batches: PulledMessage[][];
  readonly errors: string[];
  readonly texts: () => string[];
}

/** A consumer that keeps what it gets; `onBatch` runs first and may fail. */
export function collectingConsumer(
  messaging: Messaging,
  options: Partial<PullOptions> = {},
): { consumer: PullConsumer; collected: Collected } {
  const messages: PulledMessage[] = [];
  const batches: PulledMessage[][] = [];
  const errors: string[] = [];
  const consumer = new PullConsumer(messaging, {
    stream: 'events',
    maxBatch: 50,
    maxOutstanding: 200,
    maxBytes: 4_194_304,
    parallel: 2,
    onError: (what) => errors.push(what),
    ...options,
    onBatch: async (batch) => {
      await options.onBatch?.(batch);
      batches.push(batch);
      messages.push(...batch);
    },
  });
  return { consumer, collected: { messages, batches, errors, texts: () => messages.map(text) } };
}

export const text = (message: PulledMessage): string => Buffer.from(message.data).toString('utf8');

export async function openMessaging(nats: TestNats, name = 'test'): Promise<Messaging> {
  return Messaging.open({ natsUrl: nats.url, name, onStatus: () => undefined });
}

/** Messages in a stream, and handed out but not acknowledged by its consumer. */
export async function streamState(
  messaging: Messaging,
  which: 'events' | 'lane',
): Promise<{ messages: number; unacknowledged: number; waiting: number }> {
  // A request that is made while NATS is away takes its time to fail.
  if (!messaging.isConnected) throw new Error('NATS is away');
  const manager = await jetstreamManager(messaging.nats, { checkAPI: false });
  const stream = which === 'events' ? eventsStream : laneStream;
  const consumer = which === 'events' ? 'event-ingest' : 'dispatcher';
  const info = await manager.streams.info(stream);
  const { num_ack_pending, num_waiting } = await manager.consumers.info(stream, consumer);
  return { messages: info.state.messages, unacknowledged: num_ack_pending, waiting: num_waiting };
}
