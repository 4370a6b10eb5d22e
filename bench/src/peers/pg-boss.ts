// pg-boss on PostgreSQL: jobs inserted, fetched and completed in batches. `work` completes or fails a batch as a whole and
// polls every half second at best, so the loop is the one that its documentation gives for batches of one's own: fetch,
// and complete what went through.
import PgBoss from 'pg-boss';
import type { PeerConnection } from '../order.js';
import { concurrency, tries, type Deliver, type Job, type Peer } from './peer.js';

const queueName = 'deliveries';
/** Loops, so that one fetches and completes while others send. */
const loops = 4;
const batchSize = concurrency / 2;
const idleMs = 5;

async function open({ databaseUrl }: PeerConnection): Promise<PgBoss> {
  const boss = new PgBoss({ connectionString: databaseUrl, schedule: false, max: 10 });
  boss.on('error', (error) => process.stderr.write(`pg-boss: ${error.message}\n`));
  return boss.start();
}

async function keepFetching(boss: PgBoss, deliver: Deliver): Promise<never> {
  for (;;) {
    const jobs = await boss.fetch<Job>(queueName, { batchSize });
    const outcomes = await Promise.allSettled(jobs.map((job) => deliver(job.data)));
    const idsWith = (status: PromiseSettledResult<void>['status']) =>
      jobs.filter((_, i) => outcomes[i]?.status === status).map((job) => job.id);
    const [done, failed] = [idsWith('fulfilled'), idsWith('rejected')];
    if (done.length > 0) await boss.complete(queueName, done);
    if (failed.length > 0) await boss.fail(queueName, failed);
    if (jobs.length === 0) await new Promise((resolve) => setTimeout(resolve, idleMs));
  }
}

export const pgBoss: Peer = {
  title: 'pg-boss',
  prepare: async (to) => {
    const boss = await open(to);
    await boss.createQueue(queueName, {
      name: queueName,
      retryLimit: tries - 1,
      retryDelay: 5,
      retryBackoff: true,
    });
    await boss.stop({ graceful: false });
  },
  openQueue: async (to) => {
    const boss = await open(to);
    return {
      add: (jobs) => boss.insert(jobs.map((data) => ({ name: queueName, data }))),
      pending: () => boss.getQueueSize(queueName, { before: 'completed' }),
      close: () => boss.stop({ graceful: false }),
    };
  },
  work: async (to, deliver) => {
    const boss = await open(to);
    for (let n = 0; n < loops; n += 1) void keepFetching(boss, deliver);
  },
};
