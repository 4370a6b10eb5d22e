// The command line.
import { parseArgs } from 'node:util';
import { join } from 'node:path';
import { ConfigurationError } from '@postrider/runtime';
import { root } from '../../scripts/lib/for-tests.mjs';
import type { AgainstOptions } from './against.js';
import { scenarioNames, type ScenarioName } from './scenarios/scenarios.js';
import { fullSizes, partOf, quickSizes, type Sizes } from './sizes.js';

export type Suite = 'table' | 'growth' | 'processes';

export interface Options {
  readonly suite: Suite;
  readonly isQuick: boolean;
  readonly sizes: Sizes;
  /** Of the table. */
  readonly scenarios: readonly ScenarioName[];
  readonly against: AgainstOptions | null;
  /** Where results go; null: nowhere, as when only some scenarios run. */
  readonly folder: string | null;
}

export const usage = `npm run bench -- [options]

  (none)              the table of docs/benchmarks: every scenario, five rounds; a quarter of an hour
  --quick             the same with little of everything, in less than five minutes
  --scenario <names>  only these, by commas: ${scenarioNames.join(', ')}
  --against <command> another system in the drain rounds: the command gets an event per line, as JSON with the Url that it
                      has to be delivered to
  --against-pids <n>  the processes of that system, by commas, whose CPU counts
  --share <0..1>      that part of all amounts, to try things out or on a slow machine; bars are judged all the same
  --growth            what a delivery costs as payloads, backlogs, organizations and fan-out grow
  --processes         1, 2 and 4 dispatchers and ingests
  --out <folder>      where results are written, by default docs/benchmarks/results
`;

const settings = {
  quick: { type: 'boolean', default: false },
  scenario: { type: 'string' },
  against: { type: 'string' },
  'against-pids': { type: 'string', default: '' },
  share: { type: 'string', default: '1' },
  growth: { type: 'boolean', default: false },
  processes: { type: 'boolean', default: false },
  out: { type: 'string' },
  help: { type: 'boolean', default: false },
} as const;

export function readOptions(args: readonly string[]): Options {
  const { values } = parse(args);
  if (values.help) throw new ConfigurationError(usage);
  const scenarios = readScenarios(values.scenario);
  const sizes = values.quick ? quickSizes : fullSizes;
  const share = readShare(values.share);
  const isPartial = values.scenario !== undefined;
  return {
    suite: values.growth ? 'growth' : values.processes ? 'processes' : 'table',
    isQuick: values.quick,
    sizes: share === 1 ? sizes : partOf(sizes, share),
    scenarios,
    against: readAgainst(values.against, values['against-pids']),
    folder: values.out ?? (isPartial ? null : join(root, 'docs', 'benchmarks', 'results')),
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: settings });
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    throw new ConfigurationError(`${problem}\n\n${usage}`);
  }
}

function readScenarios(text: string | undefined): readonly ScenarioName[] {
  if (text === undefined) return scenarioNames;
  return text.split(',').map((name) => {
    const found = scenarioNames.find((known) => known === name.trim());
    if (found === undefined) throw new ConfigurationError(`there is no scenario ${name}\n\n${usage}`);
    return found;
  });
}

function readShare(text: string): number {
  const share = Number(text);
  if (!(share > 0 && share <= 1)) throw new ConfigurationError('--share takes a number above 0 and up to 1');
  return share;
}

function readAgainst(command: string | undefined, pidsText: string): AgainstOptions | null {
  const pids = pidsText
    .split(',')
    .filter((text) => text !== '')
    .map(Number);
  if (!pids.every((pid) => Number.isSafeInteger(pid) && pid > 0)) {
    throw new ConfigurationError('--against-pids takes numbers of processes, by commas');
  }
  return command === undefined ? null : { command, pids };
}
