// Graphile Worker on PostgreSQL. https://worker.graphile.org/docs/performance: a local queue of twice the concurrency,
// completions in batches, addJobs, a pool of its own.
import { Logger, makeWorkerUtils, run } from 'graphile-worker';
import pg from 'pg';
import type { PeerConnection } from '../order.js';
import { concurrency, tries, type Job, type Peer } from './peer.js';

const task = 'deliver';

/** Errors only: a line per job would be its largest cost. */
const logger = new Logger(() => (level, message) => {
  if (String(level) === 'error') process.stderr.write(`Graphile Worker: ${message}\n`);
});

const presetFor = ({ databaseUrl }: PeerConnection): GraphileConfig.Preset => ({
  worker: {
    connectionString: databaseUrl,
    logger,
    concurrentJobs: concurrency,
    // It warns that this is less than the jobs at once; with the local queue and batches no job holds a connection.
    maxPoolSize: 12,
    pollInterval: 1_000,
    localQueue: { size: concurrency * 4, refetchDelay: { durationMs: 10 } },
    completeJobBatchDelay: 0,
    failJobBatchDelay: 0,
  },
});

export const graphileWorker: Peer = {
  title: 'Graphile Worker',
  prepare: async (to) => {
    const utils = await makeWorkerUtils({ preset: presetFor(to) });
    await utils.migrate();
    await utils.release();
  },
  openQueue: async (to) => {
    const utils = await makeWorkerUtils({ preset: presetFor(to) });
    const counter = new pg.Pool({ connectionString: to.databaseUrl, max: 1 });
    return {
      add: async (jobs) => {
        await utils.addJobs(jobs.map((payload) => ({ identifier: task, payload, maxAttempts: tries })));
      },
      pending: async () => {
        const text = 'SELECT count(*)::int AS n FROM graphile_worker.jobs';
        return (await counter.query<{ n: number }>(text)).rows[0]?.n ?? 0;
      },
      close: async () => {
        await utils.release();
        await counter.end();
      },
    };
  },
  work: async (to, deliver) => {
    await run({
      preset: presetFor(to),
      noHandleSignals: true,
      taskList: { [task]: (payload) => deliver(payload as Job) },
    });
  },
};
