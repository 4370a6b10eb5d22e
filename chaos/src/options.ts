// What the command line says: npm run chaos -- --minutes 10 --rate 200 --kill-every 20 --seed 7 --scenario kills
import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import { ConfigurationError } from '@postrider/runtime';
import type { ChaosOptions } from './scenario.js';
import { scenarios, type ScenarioName } from './scenarios.js';

const usage = `npm run chaos -- [--scenario <name>[,<name>…] | --scenario all] [--minutes N] [--seconds N] [--rate N]
                 [--kill-every <seconds>] [--outage <seconds>] [--seed N]
Scenarios: ${Object.keys(scenarios).join(', ')}`;

export interface Options extends Omit<ChaosOptions, 'say'> {
  readonly names: readonly ScenarioName[];
}

export function readOptions(args: readonly string[]): Options {
  const values = parse(args);
  const number = (name: keyof typeof values, fallback: number): number => {
    const text = values[name];
    if (text === undefined) return fallback;
    const value = Number(text);
    if (!Number.isFinite(value) || value < 0)
      throw new ConfigurationError(`--${name} takes a number\n${usage}`);
    return value;
  };
  return {
    names: readNames(values.scenario ?? 'kills'),
    seconds: number('seconds', number('minutes', 1) * 60),
    rate: number('rate', 100),
    killEverySeconds: number('kill-every', 10),
    outageSeconds: number('outage', 20),
    seed: number('seed', randomInt(1_000_000)),
  };
}

function parse(args: readonly string[]) {
  const option = { type: 'string' } as const;
  try {
    return parseArgs({
      args: [...args],
      options: {
        scenario: option,
        minutes: option,
        seconds: option,
        rate: option,
        'kill-every': option,
        outage: option,
        seed: option,
      },
    }).values;
  } catch (error) {
    throw new ConfigurationError(`${error instanceof Error ? error.message : String(error)}\n${usage}`);
  }
}

function readNames(text: string): ScenarioName[] {
  const all = Object.keys(scenarios) as ScenarioName[];
  if (text === 'all') return all;
  return text.split(',').map((name) => {
    const found = all.find((candidate) => candidate === name);
    if (found === undefined) throw new ConfigurationError(`there is no scenario ${name}\n${usage}`);
    return found;
  });
}
