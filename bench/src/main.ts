// `npm run bench`: the real services on a real PostgreSQL (fsync on) and NATS, a receiver and a publisher in processes of
// their own; beside it, in the same run, the bare limit. Wall figures are noisy: quote ratios of one run.
import { cpus } from 'node:os';
import { startSystem, type TestSystem } from '@postrider/test-kit';
import { Child } from './child.js';
import { cpuMsOf, rssMBOf } from './cpu.js';
import type { ReceiverReport } from './receiver.js';

interface Options {
  readonly events: number;
  readonly webhooks: number;
  readonly bytes: number;
  readonly rounds: number;
}

interface Round {
  readonly perSecond: number;
  readonly cpuUs: Readonly<Record<string, number>>;
  readonly totalUs: number;
  readonly rssMB: Readonly<Record<string, number>>;
  readonly lost: number;
  readonly duplicates: number;
}

interface RawLimit {
  readonly cpuUs: number;
  readonly perSecond: number;
}

const options = readOptions(process.argv.slice(2));
const serviceNames = ['config-api', 'event-ingest', 'dispatcher', 'signer'] as const;

function readOptions(args: readonly string[]): Options {
  const value = (name: string, fallback: number) => {
    const at = args.indexOf(`--${name}`);
    const number = at < 0 ? fallback : Number(args[at + 1]);
    if (!Number.isSafeInteger(number) || number < 1)
      throw new Error(`--${name} takes a whole number above 0`);
    return number;
  };
  return {
    events: value('events', 20_000),
    webhooks: value('webhooks', 20),
    bytes: value('bytes', 1_024),
    rounds: value('rounds', args.includes('--quick') ? 1 : 3),
  };
}

function cpuOf(system: TestSystem): Record<string, number> {
  const services = serviceNames.map((name) => [name, cpuMsOf(system.service(name).pid)] as const);
  return {
    ...Object.fromEntries(services),
    postgres: cpuMsOf(system.postgres?.pid ?? 0, true),
    nats: cpuMsOf(system.nats.pid),
  };
}

async function addOrganizations(system: TestSystem, url: string): Promise<string[]> {
  const ids: string[] = [];
  for (let n = 0; n < options.webhooks; n += 1) {
    const organization = await system.api('POST', '/v1/organizations', { Name: `Bench ${n}` });
    const { Id } = organization.body as { Id: string };
    const path = `/v1/organizations/${Id}/webhooks`;
    const webhook = await system.api('POST', path, { Url: `${url}/${n}`, Topics: ['*'] });
    if (webhook.status !== 201) throw new Error(`no webhook: ${webhook.text}`);
    ids.push(Id);
  }
  return ids;
}

/** Publishes all events at once and waits until each is received and recorded. */
async function drain(system: TestSystem, receiver: Child, organizations: readonly string[]): Promise<Round> {
  receiver.tell('reset');
  const order = {
    natsUrl: system.nats.urlFor('publisher'),
    organizations,
    events: options.events,
    bytes: options.bytes,
    topic: 'job.execution.succeeded',
  };
  const publisher = await Child.start('publisher', [JSON.stringify(order)]);
  const before = cpuOf(system);
  const published = publisher.ask<{ startedAtMs: number }>('go');
  const report = await untilReceived(system, receiver);
  await untilRecorded(system, `e-${publisher.pid}-%`);
  const after = cpuOf(system);
  const { startedAtMs } = await published;
  await publisher.stop();
  const cpuUs = Object.fromEntries(
    Object.entries(after).map(([name, ms]) => [name, ((ms - (before[name] ?? 0)) * 1000) / options.events]),
  );
  return {
    perSecond: (options.events * 1000) / (report.lastAtMs - startedAtMs),
    cpuUs,
    totalUs: Object.values(cpuUs).reduce((sum, us) => sum + us, 0),
    rssMB: Object.fromEntries(serviceNames.map((name) => [name, rssMBOf(system.service(name).pid)])),
    lost: options.events - report.distinct,
    duplicates: report.received - report.distinct,
  };
}

function untilReceived(system: TestSystem, receiver: Child): Promise<ReceiverReport> {
  return system.waitFor(
    'all to be received',
    async () => {
      const report = await receiver.ask<ReceiverReport>('report');
      progress(`${report.distinct} of ${options.events} received`);
      return report.distinct >= options.events ? report : null;
    },
    { timeoutMs: 180_000, intervalMs: 100 },
  );
}

async function untilRecorded(system: TestSystem, idPattern: string): Promise<void> {
  const isRecorded = async () => {
    const rows = await system.database.query(
      `SELECT count(*)::int AS n FROM deliveries WHERE status <> 'Pending' AND event_id LIKE $1`,
      [idPattern],
    );
    return (rows[0] as { n: number }).n >= options.events;
  };
  await system.waitFor('all to be recorded', isRecorded, { timeoutMs: 60_000, intervalMs: 250 });
}

async function rawLimit(url: string): Promise<RawLimit> {
  const child = await Child.start('raw-limit', [`${url}/raw`, String(options.events), String(options.bytes)]);
  const result = await child.ask<RawLimit>('go');
  await child.stop();
  return result;
}

function progress(text: string): void {
  if (process.stdout.isTTY) process.stdout.write(`\r\x1b[K${text}`);
}

function say(text: string): void {
  progress('');
  process.stdout.write(`${text}\n`);
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

function sayRound(n: number, round: Round, raw: RawLimit): void {
  const parts = Object.entries(round.cpuUs).map(([name, us]) => `${name} ${us.toFixed(0)}`);
  const memory = Object.entries(round.rssMB).map(([name, mb]) => `${name} ${mb.toFixed(0)}`);
  say(
    `round ${n}: ${round.perSecond.toFixed(0)} deliveries/s, lost ${round.lost}, twice ${round.duplicates}`,
  );
  say(
    `  CPU µs per delivery: ${round.totalUs.toFixed(0)} (${parts.join(', ')}); raw ${raw.cpuUs.toFixed(0)}`,
  );
  say(`  RSS MB: ${memory.join(', ')}`);
}

async function main(): Promise<void> {
  say(`${cpus().length} × ${cpus()[0]?.model ?? 'CPU'}, Node.js ${process.versions.node}`);
  say(
    `${options.events} events of ${options.bytes} B to ${options.webhooks} webhooks, ${options.rounds} round(s)`,
  );
  const receiver = await Child.start('receiver');
  const url = `http://127.0.0.1:${(receiver.hello as { port: number }).port}`;
  const system = await startSystem({ ownPostgres: true });
  const rounds: Round[] = [];
  const raws: RawLimit[] = [];
  try {
    const organizations = await addOrganizations(system, url);
    for (let n = 1; n <= options.rounds; n += 1) {
      const raw = await rawLimit(url);
      const round = await drain(system, receiver, organizations);
      raws.push(raw);
      rounds.push(round);
      sayRound(n, round, raw);
    }
  } finally {
    await system.stop();
    await receiver.stop();
  }
  const totalUs = median(rounds.map((round) => round.totalUs));
  const rawUs = median(raws.map((raw) => raw.cpuUs));
  const rate = median(rounds.map((round) => round.perSecond));
  say(
    `median: ${rate.toFixed(0)} deliveries/s, ${totalUs.toFixed(0)} µs CPU per delivery, ` +
      `${(totalUs / rawUs).toFixed(1)} × the bare signed POST (${rawUs.toFixed(0)} µs)`,
  );
}

await main();
