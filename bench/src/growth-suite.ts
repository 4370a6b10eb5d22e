// `npm run bench -- --growth`: what a delivery costs as one thing grows and the rest stays. Each curve begins with a
// Postrider of its own; each point is held against the raw limit of its own minute.
import { Bench } from './bench.js';
import { describeLoad } from './describe.js';
import { describeMachine } from './machine.js';
import type { LoadResult } from './measure-load.js';
import type { Options } from './options.js';
import { Postrider } from './postrider.js';
import { curves } from './report/svg.js';
import { format, markdownTable } from './report/table.js';
import { plotLink, writeReport } from './report/write.js';
import { say } from './say.js';
import { addPending } from './scenarios/million-pending.js';

interface Point {
  readonly x: number;
  readonly rawUs: number;
  readonly result: LoadResult;
  readonly rssMB: Readonly<Record<string, number>>;
}

interface Growth {
  readonly name: string;
  readonly title: string;
  readonly axis: string;
  measure(bench: Bench, postrider: Postrider): Promise<Point[]>;
}

const kB = 1_024;
const hourMs = 3_600_000;
const webhooks = 20;

const ownOrganizations = (bench: Bench, name: string, count: number): string[][] =>
  Array.from({ length: count }, (_, n) => [bench.url(`${name}/${n}`)]);

/** Of a point; fewer where each is more. */
const growthEvents = ({ sizes }: Bench): number => sizes.events / 2;

const growths: readonly Growth[] = [
  {
    name: 'payload',
    title: 'Payload',
    axis: 'bytes of Data',
    measure: async (bench, postrider) => {
      const contender = postrider.as(await postrider.populate(ownOrganizations(bench, 'payload', webhooks)));
      const sizes = [
        { bytes: kB, events: growthEvents(bench) },
        { bytes: 64 * kB, events: growthEvents(bench) / 5 },
        // What is left of 256 KiB beside the padding is for the rest of Data.
        { bytes: 255 * kB, events: growthEvents(bench) / 20 },
      ];
      const points: Point[] = [];
      for (const { bytes, events } of sizes) {
        points.push(await measurePoint(bench, postrider, contender, bytes, { events, bytes, inFlight: 64 }));
      }
      return points;
    },
  },
  {
    name: 'backlog',
    title: 'Backlog',
    axis: 'deliveries that wait for their retry',
    measure: async (bench, postrider) => {
      const contender = postrider.as(await postrider.populate(ownOrganizations(bench, 'backlog', webhooks)));
      const waiting = await postrider.populate(ownOrganizations(bench, 'waiting', webhooks));
      const points: Point[] = [];
      let there = 0;
      for (const backlog of [0, 100_000, 1_000_000]) {
        await addPending(postrider, waiting.webhookIds, backlog - there, () => undefined, hourMs);
        there = backlog;
        const load = { events: growthEvents(bench), bytes: bench.sizes.bytes };
        points.push(await measurePoint(bench, postrider, contender, backlog, load));
      }
      return points;
    },
  },
  {
    name: 'organizations',
    title: 'Organizations',
    axis: 'organizations, one webhook each',
    measure: async (bench, postrider) => {
      const points: Point[] = [];
      for (const count of [1, 10, 1_000]) {
        const population = await postrider.populate(ownOrganizations(bench, `o${count}`, count));
        const load = { events: growthEvents(bench), bytes: bench.sizes.bytes };
        points.push(await measurePoint(bench, postrider, postrider.as(population), count, load));
      }
      return points;
    },
  },
  {
    name: 'fan-out',
    title: 'Fan-out',
    axis: 'webhooks that want each event',
    measure: async (bench, postrider) => {
      const points: Point[] = [];
      for (const fanOut of [1, 100, 10_000]) {
        const urls = Array.from({ length: fanOut }, (_, n) => bench.url(`f${fanOut}/${n}`));
        const contender = postrider.as(await postrider.populate([urls]));
        const events = Math.max(1, Math.round(growthEvents(bench) / fanOut));
        const load = { events, fanOut, bytes: bench.sizes.bytes };
        points.push(await measurePoint(bench, postrider, contender, fanOut, load));
      }
      return points;
    },
  },
];

async function measurePoint(
  bench: Bench,
  postrider: Postrider,
  contender: ReturnType<Postrider['as']>,
  x: number,
  load: Parameters<Bench['load']>[1],
): Promise<Point> {
  await bench.load(contender, { ...load, events: Math.max(1, Math.ceil(load.events / 5)) });
  const raw = await bench.raw();
  const result = await bench.load(contender, load);
  say.line(describeLoad(String(x), result, raw.cpuUs));
  return { x, rawUs: raw.cpuUs, result, rssMB: postrider.rssMB() };
}

export async function runGrowth(options: Options): Promise<number> {
  const bench = await Bench.open({ sizes: options.sizes, against: null, say });
  const measured = new Map<Growth, Point[]>();
  try {
    for (const growth of growths) {
      say.line(growth.title);
      const postrider = await Postrider.start();
      try {
        measured.set(growth, await growth.measure(bench, postrider));
      } finally {
        await postrider.stop();
      }
    }
    if (options.folder !== null) write(options.folder, measured);
    return bench.lost === 0 ? 0 : 1;
  } finally {
    await bench.close();
  }
}

const perRaw = ({ result, rawUs }: Point): number => result.totalUs / rawUs;

function write(folder: string, measured: ReadonlyMap<Growth, readonly Point[]>): void {
  const sections = [...measured].flatMap(([{ name, title, axis }, points]) => [
    `## ${title}`,
    plotLink('growth', name, `CPU per delivery against ${axis}`),
    markdownTable(
      [axis, 'CPU µs per delivery', '× raw', 'by process', 'deliveries/s', 'RSS MB', 'lost'],
      points.map((point) => [
        format(point.x),
        format(point.result.totalUs),
        format(perRaw(point)),
        listed(point.result.cpuUs),
        format(point.result.perSecond),
        listed(point.rssMB),
        String(point.result.lost),
      ]),
    ),
  ]);
  const plots = [...measured].map(([growth, points]) => [growth.name, plotOf(growth, points)] as const);
  writeReport(folder, {
    name: 'growth',
    title: 'Growth',
    command: 'npm run bench -- --growth',
    machine: describeMachine(),
    sections,
    results: Object.fromEntries([...measured].map(([{ name }, points]) => [name, points])),
    plots: Object.fromEntries(plots),
  });
  say.line(`written to ${folder}`);
}

const listed = (figures: Readonly<Record<string, number>>): string =>
  Object.entries(figures)
    .map(([name, value]) => `${name} ${value.toFixed(0)}`)
    .join(', ');

/** All of it, and where it goes. */
function plotOf({ title, axis }: Growth, points: readonly Point[]): string {
  const names = ['event-ingest', 'dispatcher', 'signer', 'postgres', 'nats'];
  return curves(`${title}: CPU per delivery`, { x: axis, y: '× raw signed POST of 1 KB' }, [
    { label: 'total', points: points.map((p) => ({ x: p.x, y: perRaw(p) })) },
    ...names.map((label) => ({
      label,
      points: points.map((p) => ({ x: p.x, y: (p.result.cpuUs[label] ?? 0) / p.rawUs })),
    })),
  ]);
}
