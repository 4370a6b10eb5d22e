// The table of measures: every scenario, judged, written down.
import { bars, judge, type Judged, type MeasureId } from './bars.js';
import { Bench, type Findings } from './bench.js';
import { describeMachine } from './machine.js';
import type { Options } from './options.js';
import { stackedBars } from './report/svg.js';
import { explainMachine, markdownTable, plainTable, tableHead, tableRow } from './report/table.js';
import { plotLink, writeReport } from './report/write.js';
import { say } from './say.js';
import { scenarios, type ScenarioName } from './scenarios/scenarios.js';

interface DrainDetails {
  readonly Contenders: readonly {
    readonly Title: string;
    readonly CpuUs: Readonly<Record<string, number>>;
    readonly PerSecond: number;
    readonly TotalUs: number;
    readonly PublisherUs: number;
    readonly Lost: number;
  }[];
}

/** The exit code: 0 where every first bar is reached. */
export async function runTable(options: Options): Promise<number> {
  const { sizes, against } = options;
  const bench = await Bench.open({ sizes, against, say });
  const found = new Map<ScenarioName, Findings>();
  const failures: string[] = [];
  try {
    for (const name of options.scenarios) {
      say.line(name);
      try {
        found.set(name, await scenarios[name](bench));
      } catch (error) {
        failures.push(name);
        say.line(`  FAILED: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
      }
    }
    // A start can be measured alone; how slow the machine is has to be known all the same.
    if (bench.machine.rawUs === 0) await bench.raw();
    const judged = judgeAll(bench, [...found.values()]);
    say.line(`\n\n${plainTable(judged.map(tableRow))}\n\n${explainMachine(bench.machine)}\n`);
    if (options.folder !== null) write(options, options.folder, bench, judged, found);
    const missed = judged.filter(({ verdict }) => verdict === 'missed');
    for (const { bar } of missed) say.line(`missed: ${bar.title}`);
    return missed.length + failures.length === 0 ? 0 : 1;
  } finally {
    await bench.close();
  }
}

function judgeAll(bench: Bench, findings: readonly Findings[]): Judged[] {
  const measures = findings.reduce<Partial<Record<MeasureId, number>>>(
    (all, f) => ({ ...all, ...f.measures }),
    {
      loss: bench.lost,
    },
  );
  return bars.flatMap((bar) => {
    const value = measures[bar.id];
    return value === undefined ? [] : [judge(bar, value, bench.machine)];
  });
}

function write(
  options: Options,
  folder: string,
  bench: Bench,
  judged: readonly Judged[],
  found: ReadonlyMap<ScenarioName, Findings>,
): void {
  const name = options.isQuick ? 'quick' : 'full';
  const details = found.get('drain')?.details as DrainDetails | undefined;
  const contenders = details?.Contenders ?? [];
  const { rawUs } = bench.machine;
  const drainRows = contenders.map((c) => [
    c.Title,
    c.TotalUs.toFixed(0),
    (c.TotalUs / rawUs).toFixed(1),
    c.PerSecond.toFixed(0),
    Object.entries(c.CpuUs)
      .map(([part, us]) => `${part} ${us.toFixed(0)}`)
      .join(', '),
    String(c.Lost),
  ]);
  const drainHead = ['', 'CPU µs per delivery', '× raw', 'deliveries/s', 'by process', 'lost'];
  writeReport(folder, {
    name,
    title: options.isQuick ? 'The table, measured quickly' : 'The table, measured at length',
    command: `npm run bench${options.isQuick ? ' -- --quick' : ''}`,
    machine: describeMachine(),
    sections: [
      explainMachine(bench.machine),
      markdownTable(tableHead, judged.map(tableRow)),
      ...(contenders.length > 0
        ? [
            '## Beside the peers',
            plotLink(name, 'cpu', 'CPU per delivery by process'),
            markdownTable(drainHead, drainRows),
          ]
        : []),
    ],
    results: {
      Machine: bench.machine,
      Table: judged,
      Scenarios: Object.fromEntries([...found].map(([scenario, f]) => [scenario, f.details])),
    },
    plots: contenders.length > 0 ? { cpu: plotOf(contenders, rawUs) } : {},
  });
  say.line(`written to ${folder}`);
}

function plotOf(contenders: DrainDetails['Contenders'], rawUs: number): string {
  const rows = contenders.map((c) => ({ label: c.Title, parts: c.CpuUs }));
  return stackedBars('CPU per delivery by process, 1 KB events, fan-out 1', 'µs', [
    { label: 'raw signed POST', parts: { worker: rawUs } },
    ...rows,
  ]);
}
