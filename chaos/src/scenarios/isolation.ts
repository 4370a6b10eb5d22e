// One receiver's trouble is not another's: the healthy are as quick while every tenth webhook hangs, and while one
// organization publishes a hundred times what the others do.
import { Publisher } from '../publisher.js';
import { judge } from '../oracle.js';
import { explainSlow } from '../slow-deliveries.js';
import { lossProblems, pause, type ChaosOptions, type Outcome } from '../scenario.js';
import { World, type Customer, type Population } from '../world.js';
import type { Kind } from '../receiver-messages.js';

const webhooks = 200;
const hangingEvery = 10;
const allowedRatio = 1.5;
/** Below it a ratio says more about the machine's timers than about Postrider. */
const floorMs = 20;
const floodFactor = 100;

const population = (kindOf: (n: number) => Kind): Population =>
  Array.from({ length: webhooks }, (_, n) => [kindOf(n)]);

interface Times {
  readonly p50: number;
  readonly p99: number;
}

/** From acceptance to receipt, over the customers that count. */
function timesOf(world: World, publisher: Publisher, counts: (customer: Customer) => boolean): Times {
  const times: number[] = [];
  for (const [eventId, { customer, at }] of publisher.accepted) {
    if (!counts(customer)) continue;
    for (const webhookId of customer.webhookIds) {
      const entry = world.zoo.webhooks.get(webhookId);
      const firstAt = entry?.kind === 'healthy' ? entry.receipts.firstAt.get(eventId) : undefined;
      if (firstAt !== undefined) times.push(firstAt - at);
    }
  }
  times.sort((a, b) => a - b);
  const quantile = (share: number): number => times[Math.floor(times.length * share)] ?? 0;
  return { p50: quantile(0.5), p99: quantile(0.99) };
}

/** Load for a while; `customerOf` chooses whose the nth event is. */
async function loadFor(
  world: World,
  options: ChaosOptions,
  rate: number,
  customerOf?: (n: number) => Customer | undefined,
): Promise<Publisher> {
  const publisher = new Publisher(world, rate, customerOf === undefined ? {} : { customerOf });
  publisher.start();
  await pause(options.seconds * 1000);
  await publisher.stop();
  return publisher;
}

function compare(name: string, without: Times, beside: Times): string[] {
  const limit = Math.max(floorMs, without.p99) * allowedRatio;
  if (beside.p99 <= limit) return [];
  return [`${name}: p99 of the healthy went from ${without.p99} to ${beside.p99} ms`];
}

/** 200 webhooks of as many organizations; then the same with 20 of them hanging. */
export async function hangingNeighbours(options: ChaosOptions): Promise<Outcome> {
  const measure = async (kindOf: (n: number) => Kind) => {
    const world = await World.open(options.seed);
    try {
      await world.populate(population(kindOf), { TimeoutSeconds: 5 });
      // The first connections and the first plans are nobody's neighbours.
      await loadFor(world, { ...options, seconds: 5 }, options.rate);
      const publisher = await loadFor(world, options, options.rate);
      world.zoo.heal();
      const report = await judge(world, publisher, 120_000);
      for (const line of await explainSlow(world, publisher)) options.say(line);
      return { report, times: timesOf(world, publisher, () => true) };
    } finally {
      await world.close();
    }
  };
  const alone = await measure(() => 'healthy');
  options.say(`nobody hangs: p50 ${alone.times.p50} ms, p99 ${alone.times.p99} ms`);
  const beside = await measure((n) => (n % hangingEvery === 0 ? 'hanging' : 'healthy'));
  options.say(`one in ten hangs: p50 ${beside.times.p50} ms, p99 ${beside.times.p99} ms`);
  return {
    problems: [
      ...lossProblems(alone.report),
      ...lossProblems(beside.report),
      ...compare('one in ten hangs', alone.times, beside.times),
    ],
    figures: {
      p99WithoutMs: alone.times.p99,
      p99BesideMs: beside.times.p99,
      p50WithoutMs: alone.times.p50,
      p50BesideMs: beside.times.p50,
      lost: alone.report.lost + beside.report.lost,
    },
  };
}

/** 20 organizations publish a little; then one of them publishes a hundred times as much as each of the others. */
export async function floodingNeighbour(options: ChaosOptions): Promise<Outcome> {
  const world = await World.open(options.seed);
  try {
    await world.populate(Array.from({ length: 20 }, () => ['healthy']));
    const [flooder, ...others] = world.customers;
    const modest = (n: number) => others[n % others.length];
    const rate = Math.max(19, options.rate / 6);
    await loadFor(world, { ...options, seconds: 5 }, rate, modest);
    const quiet = await loadFor(world, options, rate, modest);
    const without = timesOf(world, quiet, () => true);
    // Of every 119 events 100 are the flooder's, and one is each other's.
    const flooded = (n: number) => (n % (floodFactor + 19) < floodFactor ? flooder : modest(n));
    const flood = await loadFor(world, options, (rate * (floodFactor + 19)) / 19, flooded);
    const beside = timesOf(world, flood, (customer) => customer !== flooder);
    options.say(`p99 of the others: ${without.p99} ms without the flood, ${beside.p99} ms beside it`);
    const report = await judge(world, flood, 120_000);
    for (const line of await explainSlow(world, flood, { counts: (customer) => customer !== flooder }))
      options.say(line);
    return {
      problems: [...lossProblems(report), ...compare('one floods', without, beside)],
      figures: {
        p99WithoutMs: without.p99,
        p99BesideMs: beside.p99,
        accepted: report.accepted,
        lost: report.lost,
      },
    };
  } finally {
    await world.close();
  }
}
