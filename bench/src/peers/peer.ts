// What a Node team would take instead: a queue with a worker that signs, sends and writes down attempts. Each is tuned as
// its documentation advises; what it does per job is the same for all (delivery.ts).
import type { BenchEvent } from '../event.js';
import type { PeerConnection } from '../order.js';

export interface Job {
  /** Its place in the worker's list. */
  readonly Webhook: number;
  readonly Event: BenchEvent;
}

/** Resolves once the job's attempt is committed; throws where it has to be tried again. */
export type Deliver = (job: Job) => Promise<void>;

export interface JobQueue {
  add(jobs: readonly Job[]): Promise<void>;
  /** Jobs that are not done. */
  pending(): Promise<number>;
  close(): Promise<void>;
}

export interface Peer {
  readonly title: string;
  /** Makes its schema or its queue. */
  prepare(connection: PeerConnection): Promise<void>;
  openQueue(connection: PeerConnection): Promise<JobQueue>;
  /** Works until the process ends. */
  work(connection: PeerConnection, deliver: Deliver): Promise<void>;
}

/** Requests under way at the same time, for every peer: what the raw limit has times two, as jobs wait for their commit too. */
export const concurrency = 128;
/** Tries, as Postrider has. */
export const tries = 10;
