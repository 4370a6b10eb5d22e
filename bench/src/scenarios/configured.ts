// What a delivery costs with 10, 1,000 and 100,000 webhooks configured (20,000 where there is little time). Events go to ten of the first and to a thousand of
// the others; the rest are there, read and held in memory, with topics that no event has.
import type { Bench, Findings } from '../bench.js';
import { describeLoad } from '../describe.js';
import type { LoadResult } from '../measure-load.js';
import { Postrider, type Population } from '../postrider.js';
import { median, sum } from '../statistics.js';

interface Round {
  readonly result: LoadResult;
  readonly rawUs: number;
}

interface Point {
  readonly configured: number;
  readonly rounds: readonly Round[];
  /** CPU of a delivery as a multiple of a raw POST's; the median, lest one round that was disturbed stand for all. */
  readonly perRaw: number;
}

/** Until then a delivery costs up to twice as much: their code is not compiled yet. */
const eventsUntilWarm = 12_000;
const roundsOfPoint = 3;
const few = 10;
const many = 1_000;
const webhooksOfAnOrganization = 10;
const settleLimitMs = 180_000;
const lookMs = 2_000;
/** Of all services' and NATS's CPU within `lookMs`: what they need to be there. */
const idleMs = 300;

export async function configured(bench: Bench): Promise<Findings> {
  const postrider = await Postrider.start();
  try {
    const urlsOf = (count: number) => Array.from({ length: count }, (_, n) => [bench.url(`c/${n}`)]);
    const points: Point[] = [];
    const first = await postrider.populate(urlsOf(few));
    points.push(await measurePoint(bench, postrider, few, first, true));
    const more = await postrider.populate(urlsOf(many - few));
    const thousand = {
      organizations: [...first.organizations, ...more.organizations],
      webhookIds: [...first.webhookIds, ...more.webhookIds],
    };
    points.push(await measurePoint(bench, postrider, many, thousand));
    const { configured: all } = bench.sizes;
    bench.say.progress(`configuring ${all} webhooks`);
    await addIdle(postrider, all - many);
    points.push(await measurePoint(bench, postrider, all, thousand, true));
    const ratios = points.map(({ perRaw }) => perRaw);
    return {
      measures: { configured: Math.max(...ratios) / (ratios[0] ?? 1) },
      details: { Points: points },
    };
  } finally {
    await postrider.stop();
  }
}

/**
 * Warm first: what is to be seen is the size of the configuration, not services that were started a moment ago (`started`),
 * nor the first request to each webhook.
 */
async function measurePoint(
  bench: Bench,
  postrider: Postrider,
  count: number,
  population: Population,
  started = false,
): Promise<Point> {
  const { bytes, configuredEvents: events } = bench.sizes;
  const contender = postrider.as(population);
  const warmEvents = Math.max(started ? eventsUntilWarm : 0, events, population.organizations.length);
  await bench.load(contender, { events: warmEvents, bytes });
  const rounds: Round[] = [];
  while (rounds.length < roundsOfPoint) {
    const { cpuUs: rawUs } = await bench.raw();
    const result = await bench.load(contender, { events, bytes });
    bench.say.line(describeLoad(`${count} configured`, result, rawUs));
    rounds.push({ result, rawUs });
  }
  const perRaw = median(rounds.map(({ result, rawUs }) => result.totalUs / rawUs));
  return { configured: count, rounds, perRaw };
}

/**
 * By SQL: a hundred thousand calls of the API would take longer than all else. The services read them when they start; and
 * they are ten minutes old, since what has changed within a minute is looked at again every half minute.
 */
async function addIdle(postrider: Postrider, count: number): Promise<void> {
  const { system } = postrider;
  const organizations = Math.ceil(count / webhooksOfAnOrganization);
  await system.database.query(
    `WITH o AS (
       INSERT INTO organizations (id, name, created_at, updated_at)
       SELECT uuidv7(), 'Idle ' || n, now_ms() - $3::int, now_ms() - $3::int FROM generate_series(1, $1::int) AS n RETURNING id
     )
     INSERT INTO webhooks (id, organization_id, type, url, topics, timeout_seconds, secret_version, created_at, updated_at)
     SELECT uuidv7(), o.id, 'webhook', 'http://127.0.0.1:9/idle', '{job.execution.started}', 15, 1, now_ms() - $3::int, now_ms() - $3::int
     FROM o, generate_series(1, $2::int)`,
    [organizations, webhooksOfAnOrganization, 600_000],
  );
  // Now, rather than by autovacuum while it is measured.
  for (const table of ['organizations', 'webhooks']) await system.database.query(`VACUUM (ANALYZE) ${table}`);
  for (const name of ['config-api', 'event-ingest', 'dispatcher', 'signer'] as const)
    await system.service(name).restart();
  await untilSettled(postrider);
}

/** Until config-api has brought the copies in NATS up to date, which is not a cost of deliveries. */
async function untilSettled(postrider: Postrider): Promise<void> {
  const deadline = performance.now() + settleLimitMs;
  const spentMs = () => {
    const { postgres: _backgroundWork, ...cpuMs } = postrider.cpuMs();
    return sum(Object.values(cpuMs));
  };
  for (let before = spentMs(); performance.now() < deadline;) {
    await new Promise((resolve) => setTimeout(resolve, lookMs));
    const now = spentMs();
    if (now - before < idleMs) return;
    before = now;
  }
}
