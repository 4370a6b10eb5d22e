// What people type: times, numbers, JSON.
import { readFileSync } from 'node:fs';
import { InvalidArgumentError } from 'commander';
import { CliError } from './errors.js';

const unitsMs: Readonly<Record<string, number>> = {
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};

/** Epoch ms of `2h` (ago), `now`, an ISO 8601 time (UTC unless it says otherwise) or epoch ms. */
export function parseTime(text: string, nowMs: number = Date.now()): number {
  const [, amount, unit = ''] = /^(\d{1,6})([smhdw])$/.exec(text) ?? [];
  if (amount !== undefined) return nowMs - Number(amount) * (unitsMs[unit] ?? 0);
  if (text === 'now') return nowMs;
  if (/^\d{1,16}$/.test(text)) return Number(text);
  const withZone = /T\d/.test(text) && !/(Z|[+-]\d\d:?\d\d)$/i.test(text) ? `${text}Z` : text;
  const parsed = /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(withZone) : NaN;
  if (Number.isNaN(parsed)) {
    throw new InvalidArgumentError(
      'Give a time such as 2h (ago), 2026-01-31T08:00:00Z, or epoch milliseconds.',
    );
  }
  return parsed;
}

export const timeArgument = (text: string): number => parseTime(text);

export function integerArgument(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (Number.isInteger(value) && value >= min && value <= max) return value;
    throw new InvalidArgumentError(`Give an integer, ${min}..${max}.`);
  };
}

export function listArgument(text: string, before: readonly string[] = []): readonly string[] {
  return [
    ...before,
    ...text
      .split(',')
      .map((one) => one.trim())
      .filter((one) => one !== ''),
  ];
}

/** The text of `@file`, `-` (standard input) or the argument itself. */
export function textOf(argument: string): string {
  if (argument === '-') return readFileSync(0, 'utf8');
  return argument.startsWith('@') ? readText(argument.slice(1)) : argument;
}

export function readText(file: string): string {
  return readBytes(file).toString('utf8');
}

export function readBytes(file: string): Buffer {
  try {
    return readFileSync(file === '-' ? 0 : file);
  } catch (error) {
    throw new CliError(
      `${file} could not be read: ${error instanceof Error ? error.message : String(error)}`,
      'Check the path.',
      2,
    );
  }
}

export function parseObject(text: string, what: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    const hint = `Quote it for your shell: --data '{"JobId":"nightly"}', or put it into a file: --data @event.json`;
    throw new CliError(`${what} is not JSON: ${(error as Error).message}`, hint, 2);
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return value as Record<string, unknown>;
  throw new CliError(`${what} must be a JSON object.`, `For example '{"JobId":"nightly"}'.`, 2);
}
