// What it costs to match one event against the webhooks of an organization: `node packages/matching/scripts/measure-match.mjs`
// after a build. Prints µs of CPU per event: --webhooks 1000 --rules 5 --events 2000 --bytes 1024.
import { compileFilter, compileTopics, evaluate, filterableEvent } from '../dist/index.js';

function option(name, fallback) {
  const at = process.argv.indexOf(`--${name}`);
  const value = at < 0 ? fallback : Number(process.argv[at + 1]);
  if (!Number.isSafeInteger(value) || value < 1) throw new Error(`--${name} takes a whole number above 0`);
  return value;
}

const webhooks = option('webhooks', 1_000);
const rules = option('rules', 5);
const events = option('events', 2_000);
const bytes = option('bytes', 1_024);

/** Each kind of rule; the last one looks for the webhook's own job, the rest hold, so that all are asked. */
const kinds = (n) => [
  { Field: 'ExecutionState', Operator: 'is', Value: 'Failed' },
  { Field: 'JobCommand', Operator: 'starts_with', Value: 'npm run' },
  { Field: 'Data.Attempt', Operator: 'is_not', Value: n + 1_000_000 },
  { Field: 'Data.Message', Operator: 'not_contains', Value: `nothing of ${n}` },
  { Field: 'JobId', Operator: 'is', Value: `job-${n}` },
];
const matching = (n) => [
  ...kinds(n).slice(0, 4),
  { Field: 'JobId', Operator: 'matches', Value: `^job-${n}$` },
];
const automata = (n) => [
  ...kinds(n).slice(0, 4),
  { Field: 'JobId', Operator: 'matches', Value: `^(job|task)-${n}$` },
];

function measure(name, rulesOf) {
  const index = compileTopics(
    Array.from({ length: webhooks }, (_, n) => ({
      id: n,
      Topics: ['job.execution.*'],
      filter: compileFilter(rulesOf(n)),
    })),
  );
  const texts = Array.from({ length: 50 }, (_, n) =>
    JSON.stringify({
      JobId: `job-${n}`,
      State: 'Failed',
      Attempt: 3,
      Target: { Command: 'npm run nightly' },
      Message: 'x'.repeat(Math.max(1, bytes - 120)),
    }),
  );
  let matched = 0;
  const match = (text) => {
    const event = filterableEvent(text, 'JobExecution', null);
    for (const webhook of index.find('job.execution.failed')) {
      if (evaluate(webhook.filter, event).passes) matched += 1;
    }
  };
  for (const text of texts) match(text);
  matched = 0;
  const durations = [];
  const cpu = process.cpuUsage();
  for (let n = 0; n < events; n += 1) {
    const startedAt = performance.now();
    match(texts[n % texts.length]);
    durations.push(performance.now() - startedAt);
  }
  const { user, system } = process.cpuUsage(cpu);
  if (matched !== events) throw new Error(`${matched} matches for ${events} events: one each was expected`);
  durations.sort((a, b) => a - b);
  const at = (share) => `${Math.round((durations[Math.floor(share * events)] ?? 0) * 1_000)} µs`;
  console.log(
    `${name}: ${Math.round((user + system) / events)} µs of CPU per event, wall p50 ${at(0.5)}, p99 ${at(0.99)}`,
  );
}

console.log(`${webhooks} webhooks with ${rules} rules each, events of ${bytes} bytes`);
measure('texts and numbers', (n) => kinds(n).slice(-rules));
measure('a plain pattern last', (n) => matching(n).slice(-rules));
measure('a regular expression of its own each, last', (n) => automata(n).slice(-rules));
