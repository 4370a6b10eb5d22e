// What the programs are told and what they answer: JSON, over the command line and IPC.

export type PeerName = 'bullmq' | 'pg-boss' | 'graphile-worker';

/** How a publisher hands events over. */
export type Door =
  | { readonly kind: 'nats'; readonly natsUrl: string; readonly organizations: readonly string[] }
  | {
      readonly kind: 'http';
      readonly ingestUrl: string;
      readonly key: string;
      readonly organizations: readonly string[];
    }
  | {
      readonly kind: 'peer';
      readonly peer: PeerName;
      readonly connection: PeerConnection;
      readonly webhooks: number;
    }
  | { readonly kind: 'command'; readonly command: string; readonly urls: readonly string[] };

export interface PublisherOrder {
  readonly door: Door;
  readonly events: number;
  /** Of padding in `Data`. */
  readonly bytes: number;
  /** Ids are this and a number. */
  readonly prefix: string;
  /** Awaited at once; with a rate there is no such limit. */
  readonly inFlight: number;
  /** Open model: events begin at their intended times, whatever became of those before. */
  readonly perSecond?: number;
}

export interface PublisherReport {
  readonly startedAtMs: number;
  readonly endedAtMs: number;
  /** With a rate: how late events began that were due, at the 99th percentile. */
  readonly lateMs: number;
  readonly cpuMs: number;
}

export interface ReceiverReport {
  readonly received: number;
  readonly distinct: number;
  readonly lastAtMs: number;
  /** From the intended time of an event to the receipt of its body, in ms, sorted, at most 100,000 of them. */
  readonly latencyMs: { readonly p50: number; readonly p95: number; readonly p99: number };
}

export interface RawLimit {
  readonly cpuUs: number;
  readonly perSecond: number;
}

export interface PeerConnection {
  readonly databaseUrl: string;
  readonly redisPort: number;
  /** Its number: each worker has a queue of its own. */
  readonly redisDatabase: number;
}

export interface PeerWebhook {
  readonly url: string;
  readonly secret: string;
}

export interface PeerOrder {
  readonly peer: PeerName;
  readonly connection: PeerConnection;
  readonly webhooks: readonly PeerWebhook[];
  /** Attempt rows in batches; else one insert each. */
  readonly batched: boolean;
}

/** The order that a program was started with. */
export function orderOf<T>(): T {
  return JSON.parse(process.argv[2] ?? '{}') as T;
}
