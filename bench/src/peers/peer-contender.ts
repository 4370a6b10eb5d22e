// A peer, measured: its worker in a process of its own, its jobs and attempt rows in a database of its own on a PostgreSQL
// with the settings that Postrider's has.
import { randomBytes } from 'node:crypto';
import { createTestDatabase, type TestDatabase, type TestPostgres } from '@postrider/test-kit';
import { Child } from '../child.js';
import type { Contender } from '../contender.js';
import { cpuMsOf, cpuMsWithChildren, rssMBOf } from '../cpu.js';
import type { PeerName, PeerOrder } from '../order.js';
import { createAttemptsSql } from './attempt-store.js';
import type { JobQueue } from './peer.js';
import { peerOf } from './peers.js';
import type { RedisServer } from './redis.js';

export interface PeerOptions {
  readonly name: PeerName;
  readonly batched: boolean;
  readonly urls: readonly string[];
  readonly postgres: TestPostgres;
  readonly redis: RedisServer | undefined;
}

export class PeerContender implements Contender {
  readonly title: string;
  readonly door: Contender['door'];

  private constructor(
    private readonly options: PeerOptions,
    private readonly database: TestDatabase,
    private readonly worker: Child,
    private readonly queue: JobQueue,
    order: PeerOrder,
  ) {
    const { peer, connection, webhooks } = order;
    this.title = titleOf(options);
    this.door = { kind: 'peer', peer, connection, webhooks: webhooks.length };
  }

  static async start(options: PeerOptions): Promise<PeerContender> {
    const database = await createTestDatabase({ empty: true, serverUrl: options.postgres.url });
    await database.query(createAttemptsSql);
    const order: PeerOrder = {
      peer: options.name,
      connection: {
        databaseUrl: database.adminUrl,
        redisPort: options.redis?.port ?? 0,
        redisDatabase: options.batched ? 0 : 1,
      },
      webhooks: options.urls.map((url) => ({ url, secret: `whsec_${randomBytes(32).toString('base64')}` })),
      batched: options.batched,
    };
    const peer = peerOf(options.name);
    await peer.prepare(order.connection);
    const worker = await Child.start('peer-worker', order);
    return new PeerContender(options, database, worker, await peer.openQueue(order.connection), order);
  }

  cpuMs(): Record<string, number> {
    const { redis, postgres } = this.options;
    return {
      worker: cpuMsOf(this.worker.pid),
      postgres: cpuMsWithChildren(postgres.pid),
      ...(this.usesRedis && redis !== undefined && { redis: cpuMsOf(redis.pid) }),
    };
  }

  rssMB(): Record<string, number> {
    return { worker: rssMBOf(this.worker.pid) };
  }

  private get usesRedis(): boolean {
    return this.options.name === 'bullmq';
  }

  async isIdle(): Promise<boolean> {
    return (await this.queue.pending()) === 0;
  }

  /** Its worker would ask for jobs all the time, and the others' figures would have it in them. */
  rest(): void {
    this.worker.pause();
  }

  wake(): void {
    this.worker.resume();
  }

  async stop(): Promise<void> {
    await this.worker.stop();
    await this.queue.close();
    await this.database.drop();
  }
}

export const titleOf = ({ name, batched }: Pick<PeerOptions, 'name' | 'batched'>): string =>
  `${peerOf(name).title}${batched ? '' : ', an insert each'}`;
