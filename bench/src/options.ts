// The command line.
import { parseArgs } from 'node:util';
import { join } from 'node:path';
import { ConfigurationError } from '@postrider/runtime';
import { root } from '../../scripts/lib/for-tests.mjs';
import type { AgainstOptions } from './against.js';
import { scenarioNames, type ScenarioName } from './scenarios/scenarios.js';
import { fullSizes, quickSizes, type Sizes } from './sizes.js';

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

  (none)              the table of docs/benchmarks: every scenario, five rounds; half an hour
  --quick             the same with little of everything, in less than five minutes
  --scenario <names>  only these, by commas: ${scenarioNames.join(', ')}
  --against <command> another system in the drain rounds: the command gets an event per line, as JSON with the Url that it
                      has to be delivered to
  --against-pids <n>  the processes of that system, by commas, whose CPU counts
  --events <n>        of a drain round
  --rounds <n>        of the drain
  --growth            what a delivery costs as payloads, backlogs, organizations and fan-out grow
  --processes         1, 2 and 4 dispatchers and ingests
  --out <folder>      where results are written, by default docs/benchmarks/results
`;

const settings = {
  quick: { type: 'boolean', default: false },
  scenario: { type: 'string' },
  against: { type: 'string' },
  'against-pids': { type: 'string', default: '' },
  events: { type: 'string' },
  rounds: { type: 'string' },
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
  const isPartial = values.scenario !== undefined;
  return {
    suite: values.growth ? 'growth' : values.processes ? 'processes' : 'table',
    isQuick: values.quick,
    sizes: {
      ...sizes,
      events: readCount('events', values.events) ?? sizes.events,
      rounds: readCount('rounds', values.rounds) ?? sizes.rounds,
    },
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

function readCount(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const count = Number(text);
  if (!Number.isSafeInteger(count) || count < 1) {
    throw new ConfigurationError(`--${name} takes a whole number above 0`);
  }
  return count;
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
