// A small cron scheduler that tells Postrider what becomes of its jobs.
//   NATS_URL=nats://user:password@host:4222 ORGANIZATION=<id> node examples/scheduler/scheduler.mjs jobs.json [--runs 2]
// jobs.json: [{"Id":"nightly-report","Cron":"0 3 * * *","Command":"make report"}]; six fields: seconds first.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { parseCron } from './cron.mjs';
import { connectPublisher } from './publisher.mjs';

const { values, positionals } = parseArgs({ options: { runs: { type: 'string' } }, allowPositionals: true });
const { NATS_URL, ORGANIZATION } = process.env;
const [file] = positionals;
if (!NATS_URL || !ORGANIZATION || !file) {
  console.error(
    'usage: NATS_URL=… ORGANIZATION=<id> node examples/scheduler/scheduler.mjs <jobs.json> [--runs <n>]',
  );
  process.exit(2);
}
/** Runs of each job, after which it ends: for trying it out. */
const runs = values.runs === undefined ? Infinity : Number(values.runs);
const jobs = JSON.parse(readFileSync(file, 'utf8')).map((job) => ({
  ...job,
  isDue: parseCron(job.Cron),
  runs: 0,
}));

const publisher = await connectPublisher(NATS_URL, {
  organizationId: ORGANIZATION,
  onRetry: ({ id, attempt, error }) =>
    console.log(`${id}: not kept (${error.message}), try ${attempt + 1} follows`),
});

function run(command) {
  return new Promise((resolve) => {
    const child = spawn(command, { shell: true, stdio: 'ignore' });
    child.once('error', () => resolve(null));
    child.once('exit', (code) => resolve(code));
  });
}

/** The Id follows from what happened: even a scheduler that was restarted in the middle says it with the same Id. */
async function tell(job, second, State, more = {}) {
  const event = {
    Id: `${job.Id}-${second}-${State}`,
    CreatedAt: Date.now(),
    Resource: 'JobExecution',
    Data: { Id: `${job.Id}-${second}`, JobId: job.Id, State, Target: { Command: job.Command }, ...more },
  };
  const { duplicate } = await publisher.publish(`job.execution.${State}`, event);
  console.log(`${event.Id}: kept${duplicate ? ' (already)' : ''}`);
}

async function execute(job, second) {
  await tell(job, second, 'started');
  const begunAt = Date.now();
  const ExitCode = await run(job.Command);
  await tell(job, second, ExitCode === 0 ? 'succeeded' : 'failed', {
    ExitCode,
    DurationMs: Date.now() - begunAt,
  });
}

const underWay = new Set();
let isStopping = false;
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => (isStopping = true));

// Every second is looked at once, also those that passed while this process was held up.
for (let second = Math.floor(Date.now() / 1_000); !isStopping && jobs.some((job) => job.runs < runs);) {
  for (; second * 1_000 <= Date.now(); second += 1) {
    for (const job of jobs) {
      if (job.runs >= runs || !job.isDue(second)) continue;
      job.runs += 1;
      const execution = execute(job, second)
        .catch((error) => console.error(`${job.Id}: ${error.message}`))
        .finally(() => underWay.delete(execution));
      underWay.add(execution);
    }
  }
  await new Promise((resolve) => setTimeout(resolve, Math.max(10, second * 1_000 - Date.now())));
}
await Promise.all(underWay);
await publisher.close();
