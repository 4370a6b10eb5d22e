// Streams, consumers and the bucket, declared once. Whoever needs one makes sure that it is there: at start, after each
// reconnect, and when NATS says that it is gone (its store may have been wiped).
import {
  AckPolicy,
  DeliverPolicy,
  DiscardPolicy,
  JetStreamApiError,
  RetentionPolicy,
  StorageType,
  jetstreamManager,
  type ConsumerConfig,
  type StreamConfig,
} from '@nats-io/jetstream';
import { Kvm, type KV } from '@nats-io/kv';
import {
  configurationBucket,
  eventsConsumer,
  eventsStream,
  eventsSubjects,
  laneConsumer,
  laneStream,
  laneSubject,
  probeStream,
  probeSubject,
} from '@postrider/contracts';
import type { Messaging } from './connection.js';

const msToNanos = 1_000_000;

interface Declared {
  readonly stream: Pick<StreamConfig, 'name'> & Partial<StreamConfig>;
  readonly consumer: Partial<ConsumerConfig> & { durable_name: string };
}

/** What publishers hand over: on disk until event-ingest has committed it. */
const events: Declared = {
  stream: {
    name: eventsStream,
    subjects: [eventsSubjects],
    storage: StorageType.File,
    retention: RetentionPolicy.Workqueue,
    discard: DiscardPolicy.New,
    // The smallest window NATS takes. Duplicates are Postrider's to find, per organization and over 72 h; the stream's
    // own window knows no organizations (docs/adr/0004).
    duplicate_window: 100 * msToNanos,
  },
  consumer: {
    durable_name: eventsConsumer,
    ack_policy: AckPolicy.Explicit,
    // Short, so that what a crash left in the middle comes again within seconds; who works longer says so (+WPI), and
    // what comes twice all the same is a duplicate. Never gives up by count: event-ingest ends a poisoned message.
    ack_wait: 6_000 * msToNanos,
    max_deliver: -1,
    max_ack_pending: 20_000,
    deliver_policy: DeliverPolicy.All,
  },
};

/** The fast lane: small, in memory; the oldest go first, since the leases of the oldest end first. */
const lane: Declared = {
  stream: {
    name: laneStream,
    subjects: [laneSubject],
    storage: StorageType.Memory,
    retention: RetentionPolicy.Limits,
    discard: DiscardPolicy.Old,
    max_age: 40_000 * msToNanos,
    max_bytes: 128 * 1024 * 1024,
    duplicate_window: 100 * msToNanos,
    num_replicas: 1,
  },
  consumer: {
    durable_name: laneConsumer,
    ack_policy: AckPolicy.None,
    deliver_policy: DeliverPolicy.All,
  },
};

export type DeclaredStream = 'events' | 'lane';
const declared: Record<DeclaredStream, Declared> = { events, lane };

export interface StreamNames {
  readonly stream: string;
  readonly consumer: string;
  /** Whether its consumer wants acknowledgements. */
  readonly acknowledged: boolean;
}

export function streamNames(which: DeclaredStream): StreamNames {
  const { stream, consumer } = declared[which];
  return {
    stream: stream.name,
    consumer: consumer.durable_name,
    acknowledged: consumer.ack_policy !== AckPolicy.None,
  };
}

export async function ensureStream(messaging: Messaging, which: DeclaredStream): Promise<void> {
  await makeStream(messaging, declared[which].stream);
}

/** What is kept on disk gets as many copies as the connection was opened with. */
async function makeStream(messaging: Messaging, stream: Declared['stream']): Promise<void> {
  const manager = await jetstreamManager(messaging.nats, { checkAPI: false });
  const config = stream.storage === StorageType.File ? { ...copiesOf(messaging), ...stream } : stream;
  try {
    await manager.streams.add(config);
  } catch (error) {
    // It exists with other settings, set by an operator or an earlier release: bring over what can be changed.
    if (!isApiError(error, streamNameInUse)) throw error;
    await manager.streams.update(stream.name, config);
  }
}

/** Nothing where nothing was said: an update leaves alone what it does not name. */
const copiesOf = ({ replicas }: Messaging): Pick<Partial<StreamConfig>, 'num_replicas'> =>
  replicas === undefined ? {} : { num_replicas: replicas };

export async function ensureConsumer(messaging: Messaging, which: DeclaredStream): Promise<void> {
  const manager = await jetstreamManager(messaging.nats, { checkAPI: false });
  const { stream, consumer } = declared[which];
  await manager.consumers.add(stream.name, consumer);
}

/** How far the consumer is behind, for metrics: messages not yet handed out, and handed out but not acknowledged. */
export async function consumerLag(
  messaging: Messaging,
  which: DeclaredStream,
): Promise<{ pending: number; unacknowledged: number }> {
  const manager = await jetstreamManager(messaging.nats, { checkAPI: false });
  const { stream, consumer } = streamNames(which);
  const info = await manager.consumers.info(stream, consumer);
  return { pending: info.num_pending, unacknowledged: info.num_ack_pending };
}

/**
 * Why a stream gives nothing and takes nothing though the connection stands; null where it does. No answer
 * within 5 s is one, too ("timeout"). A server that only refuses to write, as to a full disk, goes on answering: only
 * a write tells (WriteProbe).
 */
export async function streamTrouble(messaging: Messaging, which: DeclaredStream): Promise<string | null> {
  try {
    await consumerLag(messaging, which);
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

const streamNameInUse = 10_058;

function isApiError(error: unknown, code: number): boolean {
  return error instanceof JetStreamApiError && error.code === code;
}

/** For WriteProbe: the newest message alone is kept. */
export async function ensureProbeStream(messaging: Messaging): Promise<void> {
  await makeStream(messaging, {
    name: probeStream,
    subjects: [probeSubject],
    storage: StorageType.File,
    retention: RetentionPolicy.Limits,
    discard: DiscardPolicy.Old,
    max_msgs: 1,
  });
}

/** The bucket of the configuration, made if it is not there. */
export async function openConfigurationBucket(messaging: Messaging): Promise<KV> {
  const { replicas } = messaging;
  const options = { history: 1, storage: StorageType.File, ...(replicas !== undefined && { replicas }) };
  const bucket = await new Kvm(messaging.nats).create(configurationBucket, options);
  if (replicas !== undefined) await copyBucket(messaging, replicas);
  return bucket;
}

/** One that was there already has as many copies as before. */
async function copyBucket(messaging: Messaging, replicas: number): Promise<void> {
  const manager = await jetstreamManager(messaging.nats, { checkAPI: false });
  const name = `KV_${configurationBucket}`;
  const { config } = await manager.streams.info(name);
  if (config.num_replicas !== replicas) await manager.streams.update(name, { num_replicas: replicas });
}
