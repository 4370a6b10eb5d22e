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
/** A number in digits of which none is required, so that no text can be left out for the lack of one. */
const classes = (n) => [...String(n)].map((digit) => `[${digit}x]`).join('');
const words = 'alpha bravo charlie delta echo foxtrot golf hotel india juliet kilo lima mike'.split(' ');
const word = (n) => words[n % words.length];
/** The webhook's own job, told by a pattern of its own. */
const patterns = {
  'a plain pattern': (n) => ['JobId', `^job-${n}$`],
  'one of two words': (n) => ['JobId', `^(job|task)-${n}$`],
  'one without case': (n) => ['JobId', `(?i)^(JOB|TASK)-${n}$`],
  'one whose characters are in every text': (n) => ['JobId', `^job-${classes(n)}$`],
  'one of character classes alone': (n) => ['JobId', `^\\w+-${classes(n)}$`],
  'one over texts that differ': (n) => ['Data.Step', `${word(n)}.*${word(n >> 4)}.*\\d|; job ${n}$`],
};

function measure(name, rulesOf) {
  const index = compileTopics(
    Array.from({ length: webhooks }, (_, n) => ({
      id: n,
      Topics: ['job.execution.*'],
      filter: compileFilter(rulesOf(n)),
    })),
  );
  const texts = Array.from({ length: events }, (_, n) =>
    JSON.stringify({
      JobId: `job-${n % Math.min(50, webhooks)}`,
      State: 'Failed',
      Attempt: 3,
      Target: { Command: 'npm run nightly' },
      Step: `${word(n)} ${word(n * 5 + 3)} ${word(n * 7 + 1)} of ${n * 7919}; job ${n % Math.min(50, webhooks)}`,
      Message: 'x'.repeat(Math.max(1, bytes - 200)),
    }),
  );
  let matched = 0;
  const match = (text) => {
    const event = filterableEvent(text, 'JobExecution', null);
    for (const webhook of index.find('job.execution.failed')) {
      if (evaluate(webhook.filter, event).passes) matched += 1;
    }
  };
  for (const text of texts.slice(0, 300)) match(text);
  matched = 0;
  const durations = [];
  const cpu = process.cpuUsage();
  for (let n = 0; n < events; n += 1) {
    const startedAt = performance.now();
    match(texts[n]);
    durations.push(performance.now() - startedAt);
  }
  const { user, system } = process.cpuUsage(cpu);
  if (matched < events) throw new Error(`${matched} matches for ${events} events: one each was expected`);
  durations.sort((a, b) => a - b);
  const at = (share) => `${Math.round((durations[Math.floor(share * events)] ?? 0) * 1_000)} µs`;
  console.log(
    `${name}: ${Math.round((user + system) / events)} µs of CPU per event, wall p50 ${at(0.5)}, p99 ${at(0.99)}`,
  );
}

console.log(`${webhooks} webhooks with ${rules} rules each, events of ${bytes} bytes`);
measure('texts and numbers', (n) => kinds(n).slice(-rules));
for (const [name, patternOf] of Object.entries(patterns)) {
  measure(`${name} in each, last`, (n) => {
    const [Field, Value] = patternOf(n);
    return [...kinds(n).slice(0, 4), { Field, Operator: 'matches', Value }].slice(-rules);
  });
}
