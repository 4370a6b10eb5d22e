// `npm run bench -- --processes`: 1, 2 and 4 dispatchers and ingests. On a machine with few cores that shows what more of
// them cost and how evenly they share, not how much more they do.
import { sendRequest } from '@postrider/test-kit';
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
import { sum } from './statistics.js';

interface Point {
  readonly processes: number;
  readonly rawUs: number;
  readonly result: LoadResult;
  /** Of all attempts, by dispatcher. */
  readonly shares: readonly number[];
}

const counts = [1, 2, 4];
const webhooks = 20;

export async function runProcesses(options: Options): Promise<number> {
  const bench = await Bench.open({ sizes: options.sizes, against: null, say });
  try {
    const points: Point[] = [];
    for (const processes of counts) points.push(await measure(bench, processes));
    if (options.folder !== null) write(options.folder, points);
    return bench.lost === 0 ? 0 : 1;
  } finally {
    await bench.close();
  }
}

async function measure(bench: Bench, processes: number): Promise<Point> {
  const { bytes, events } = bench.sizes;
  const postrider = await Postrider.start({
    instances: { dispatcher: processes, 'event-ingest': processes },
  });
  try {
    const urls = Array.from({ length: webhooks }, (_, n) => [bench.url(`p${processes}/${n}`)]);
    const contender = postrider.as(await postrider.populate(urls));
    // Each process compiles its own code: as many events for each of them as one needs to be warm.
    await bench.load(contender, { events: (events / 2) * processes, bytes });
    const before = await attemptsOf(postrider, processes);
    const raw = await bench.raw();
    const result = await bench.load(contender, { events, bytes });
    const after = await attemptsOf(postrider, processes);
    const made = after.map((count, n) => count - (before[n] ?? 0));
    const shares = made.map((count) => count / sum(made));
    say.line(describeLoad(`${processes} of each`, result, raw.cpuUs));
    say.line(`  shares of the attempts: ${percent(shares)}`);
    return { processes, rawUs: raw.cpuUs, result, shares };
  } finally {
    await postrider.stop();
  }
}

/** What each dispatcher has sent so far. */
async function attemptsOf({ system }: Postrider, dispatchers: number): Promise<number[]> {
  const replies = await Promise.all(
    Array.from({ length: dispatchers }, (_, n) =>
      sendRequest('GET', `${system.service('dispatcher', n).url}/metrics`),
    ),
  );
  return replies.map(({ text }) =>
    sum([...text.matchAll(/^postrider_attempts_total\{[^}]*\} (\d+)/gm)].map(([, n]) => Number(n))),
  );
}

const percent = (shares: readonly number[]): string =>
  shares.map((share) => `${(share * 100).toFixed(0)} %`).join(', ');

function write(folder: string, points: readonly Point[]): void {
  const rows = points.map(({ processes, rawUs, result, shares }) => [
    String(processes),
    format(result.perSecond),
    format(result.totalUs),
    format(result.totalUs / rawUs),
    percent(shares),
    String(result.lost),
  ]);
  const head = ['dispatchers, ingests', 'deliveries/s', 'CPU µs per delivery', '× raw', 'shares', 'lost'];
  const cost = points.map((p) => ({ x: p.processes, y: p.result.totalUs / p.rawUs }));
  writeReport(folder, {
    name: 'processes',
    title: 'Several processes of a service',
    command: 'npm run bench -- --processes',
    machine: describeMachine(),
    sections: [plotLink('processes', 'cost', 'CPU per delivery by processes'), markdownTable(head, rows)],
    results: points,
    plots: {
      cost: curves('CPU per delivery with several processes', { x: 'dispatchers and ingests', y: '× raw' }, [
        { label: 'total', points: cost },
      ]),
    },
  });
  say.line(`written to ${folder}`);
}
