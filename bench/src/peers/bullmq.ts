// BullMQ on Redis. https://docs.bullmq.io: one worker with a concurrency fit for IO ("100 to 300"), addBulk, done jobs
// removed, a connection of its own for each role, retries by backoff.
import { Queue, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import type { PeerConnection } from '../order.js';
import { concurrency, tries, type Job, type Peer } from './peer.js';

const name = 'deliveries';
const connect = ({ redisPort, redisDatabase }: PeerConnection): Redis =>
  new Redis({ host: '127.0.0.1', port: redisPort, db: redisDatabase, maxRetriesPerRequest: null });

export const bullmq: Peer = {
  title: 'BullMQ',
  prepare: async () => undefined,
  openQueue: async (to) => {
    const connection = connect(to);
    const queue = new Queue<Job>(name, { connection });
    const opts = {
      attempts: tries,
      backoff: { type: 'exponential', delay: 5_000 },
      removeOnComplete: true,
      removeOnFail: { count: 1_000 },
    };
    return {
      add: async (jobs) => {
        await queue.addBulk(jobs.map((data) => ({ name: 'deliver', data, opts })));
      },
      pending: async () => {
        const counts = await queue.getJobCounts('waiting', 'active', 'delayed', 'prioritized');
        return Object.values(counts).reduce((a, b) => a + b, 0);
      },
      close: async () => {
        await queue.close();
        connection.disconnect();
      },
    };
  },
  work: async (to, deliver) => {
    const worker = new Worker<Job>(name, (job) => deliver(job.data), {
      connection: connect(to),
      concurrency,
    });
    worker.on('error', (error) => process.stderr.write(`BullMQ: ${error.message}\n`));
    await worker.waitUntilReady();
  },
};
